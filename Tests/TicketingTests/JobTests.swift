import Foundation
import Logging
import Testing

@testable import Ticketing

struct JobTests {
    private static func buy(_ fixture: ShopFixture) async throws -> Order {
        let order = try await fixture.order(try await fixture.hold([0, 1]))
        try await fixture.shop.till.pay(try await fixture.startPayment(order), with: .accepted)
        return order
    }

    @Test(arguments: Engine.tested)
    func `A paid order sends one mail with its tickets, whoever works off the jobs`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let order = try await Self.buy(fixture)
        let other = try fixture.otherProcess()
        async let here = fixture.shop.jobs.work()
        async let there = other.jobs.work()
        #expect(try await here + there == 1)
        let mail = try #require(try fixture.mails().first)
        #expect(mail.contains("Message-ID: <tickets-\(order.code)@localhost>"))
        #expect(mail.contains("Content-Type: application/pdf"))
        #expect(mail.contains("Content-Type: text/calendar"))
        #expect(try fixture.mails().count == 1)
        // What is left is the reminder, which finds the order paid.
        fixture.clock.advance(by: Span.hour)
        #expect(try await fixture.shop.jobs.work() == 1)
        #expect(try fixture.mails().count == 1)
        #expect(try await fixture.count("SELECT COUNT(*) FROM outbox") == 0)
        try other.database.close()
    }

    @Test func `A job whose worker died is done by another one`() async throws {
        let fixture = try await ShopFixture()
        _ = try await Self.buy(fixture)
        try await fixture.shop.database.write { connection in
            let due = fixture.clock.now + 30 * Span.second
            try connection.run(
                "UPDATE outbox SET kind = 1, due_at = ? WHERE topic = 'mail.tickets'",
                [due]
            )
        }
        #expect(try await fixture.shop.jobs.work() == 0)
        fixture.clock.advance(by: 30 * Span.second)
        #expect(try await fixture.shop.jobs.work() == 1)
        #expect(try fixture.mails().count == 1)
    }

    private struct Refusing: MailTransport {
        struct Away: Error {}
        func send(_ message: MailMessage, at now: Milliseconds) async throws { throw Away() }
    }

    @Test func `A job that keeps failing is given up in the end and can be replayed`() async throws {
        let fixture = try await ShopFixture()
        _ = try await Self.buy(fixture)
        let shop = fixture.shop
        let failing = JobRunner(
            database: shop.database,
            handler: JobHandler(
                database: shop.database,
                catalog: shop.catalog,
                cancellation: shop.jobs.handler.cancellation,
                provider: shop.payments.provider,
                sessions: shop.sessions,
                transport: Refusing(),
                mail: shop.jobs.handler.mail,
                clock: fixture.clock.wallClock
            ),
            clock: fixture.clock.wallClock,
            metrics: shop.metrics,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        for _ in 0..<15 {
            _ = try await failing.work()
            fixture.clock.advance(by: 20 * Span.minute)
        }
        let dead = try await shop.jobs.dead()
        #expect(dead.map(\.topic) == ["mail.tickets"])
        #expect(dead.first?.attempts == 12)
        #expect(dead.first?.lastError?.contains("Away") == true)
        #expect(try await shop.jobs.work() == 0)
        #expect(try await shop.jobs.replay(try #require(dead.first).id))
        #expect(try await shop.jobs.work() == 1)
        #expect(try fixture.mails().count == 1)
    }

    @Test func `A mail's header is one line of ASCII whatever an event is called`() {
        let message = MailMessage(
            identifier: "a@b",
            from: "x@y",
            to: "ana@example.com",
            subject: "Fado à noite\r\nBcc: everybody@example.com",
            text: "a",
            html: "b"
        )
        let lines = message.encoded(at: 0).components(separatedBy: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.allSatisfy { $0 < 128 } && $0.utf8.count < 200 })
        #expect(!lines.contains { $0.hasPrefix("Bcc") })
        #expect(lines.contains("Date: Thu, 1 Jan 1970 00:00:00 +0000"))
    }
}
