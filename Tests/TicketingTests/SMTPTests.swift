import Foundation
import Support
import Testing

@testable import Ticketing

/// Mails handed to a relay that somebody else wrote: the one in Python's library, which writes what it takes to a file.
final class MailRelay: Sendable {
    private static let program = """
        import asyncore, smtpd, sys
        class Relay(smtpd.SMTPServer):
            def process_message(self, peer, sender, recipients, data, **more):
                if b'nobody@' in recipients[0].encode():
                    return '550 no such mailbox'
                with open(sys.argv[2], 'ab') as file:
                    file.write(f'{sender} {recipients[0]}\\n'.encode() + data + b'\\n=====\\n')
        Relay(('127.0.0.1', int(sys.argv[1])), None)
        asyncore.loop()
        """

    static let isInstalled =
        (try? Tool.run("python3", ["-W", "ignore", "-c", "import smtpd"]).status) == 0

    let url: String
    private let folder: TemporaryFolder
    private let process: ChildProcess

    init() throws {
        let port = try Loopback.freePort()
        url = "smtp://127.0.0.1:\(port)"
        folder = try TemporaryFolder()
        process = try ChildProcess(
            "python3",
            ["-W", "ignore", "-c", Self.program, String(port), folder.file("mails")],
            output: folder.file("output")
        )
        guard eventually(within: Patience.long, { Loopback.isListening(port: port) }) else {
            throw Problem.busy
        }
    }

    /// What it took so far.
    var mails: [String] {
        folder.read("mails").components(separatedBy: "\n=====\n").filter { !$0.isEmpty }
    }
}

@Suite(.enabled(if: MailRelay.isInstalled))
struct SMTPTests {
    private static func message(to: String = "ana@example.com") -> MailMessage {
        MailMessage(
            identifier: "tickets-X@localhost",
            from: "Tickets <tickets@localhost>",
            to: to,
            subject: "Your tickets for Łódź",
            text: "Hello",
            html: "<p>Hello</p>",
            attachments: [
                // Longer than what the library asks for at a time.
                MailMessage.Attachment(
                    name: "tickets.pdf",
                    type: "application/pdf",
                    bytes: [UInt8](repeating: 46, count: 300_000)
                )
            ]
        )
    }

    private static func transport(_ relay: MailRelay, mayBePlain: Bool = true) -> SMTPTransport {
        SMTPTransport(
            relay: SMTPTransport.Relay(url: relay.url, mayBePlain: mayBePlain),
            desk: TransferDesk(patience: ShopFixture.settings.patience)
        )
    }

    @Test func `A relay gets the whole mail, and its envelope bears bare addresses`() async throws {
        let relay = try MailRelay()
        let message = Self.message()
        try await Self.transport(relay).send(message, at: 1_790_000_000_000)
        let mail = try #require(relay.mails.first)
        #expect(mail.hasPrefix("tickets@localhost ana@example.com\n"))
        let sent = message.encoded(at: 1_790_000_000_000).split(separator: "\r\n").joined()
        let received = mail.split(whereSeparator: \.isNewline).dropFirst().filter {
            !$0.hasPrefix("X-Peer: ")
        }.joined()
        #expect(received == sent)
    }

    @Test
    func `A mailbox that the relay refuses is a failure, and so is a relay that does not encrypt`()
        async throws
    {
        let relay = try MailRelay()
        await #expect(throws: Transfer.Failure.self) {
            try await Self.transport(relay).send(Self.message(to: "nobody@example.com"), at: 0)
        }
        await #expect(throws: Transfer.Failure.self) {
            try await Self.transport(relay, mayBePlain: false).send(Self.message(), at: 0)
        }
        #expect(relay.mails.isEmpty)
    }

    @Test func `A paid order's tickets go to the relay, once`() async throws {
        let relay = try MailRelay()
        var settings = ShopFixture.settings
        settings.mailRelay = SMTPTransport.Relay(url: relay.url, mayBePlain: true)
        let fixture = try await ShopFixture(settings: settings)
        let order = try await fixture.order(try await fixture.hold([0]))
        try await fixture.shop.till.pay(try await fixture.startPayment(order), with: .accepted)
        _ = try await fixture.shop.jobs.work()
        _ = try await fixture.shop.jobs.work()
        #expect(relay.mails.count == 1)
        #expect(relay.mails.first?.contains("Message-ID: <tickets-\(order.code)") == true)
    }
}
