import Support
import Testing

@testable import Ticketing

struct TransferTests {
    /// Takes connections and says nothing.
    private static let silence = """
        import signal, socket, sys
        server = socket.create_server(('127.0.0.1', int(sys.argv[1])), backlog=64)
        signal.pause()
        """

    private static func request(_ port: UInt16) -> Transfer {
        Transfer(
            url: "http://127.0.0.1:\(port)/",
            action: .request(method: "GET", headers: [], body: [])
        )
    }

    @Test func `Whoever waits for a server that says nothing holds up nobody`() async throws {
        let folder = try TemporaryFolder()
        let port = try Loopback.freePort()
        let server = try ChildProcess(
            "python3",
            ["-c", Self.silence, String(port)],
            output: folder.file("output")
        )
        #expect(eventually(within: Patience.long) { Loopback.isListening(port: port) })
        let desk = TransferDesk(patience: 5 * Span.minute)
        let nobody = try Loopback.freePort()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<7 {
                group.addTask {
                    await #expect(throws: Transfer.Failure.self) {
                        try await desk.perform(Self.request(port))
                    }
                }
            }
            #expect(await soon { desk.idleCount == 1 })
            for _ in 0..<16 {
                await #expect(throws: Transfer.Failure.self) {
                    try await desk.perform(Self.request(nobody))
                }
            }
            #expect(desk.idleCount == 1, "the others still wait")
            _ = server.stop()
        }
        #expect(desk.idleCount == 8)
    }

    @Test func `The company that takes the money and the relay are spoken to side by side`()
        async throws
    {
        var settings = ShopFixture.settings
        settings.payments = .stripe(StripeProvider.Account(secretKey: "k", webhookKey: "w"))
        settings.mailRelay = SMTPTransport.Relay(url: "smtp://127.0.0.1:1")
        let shop = try await ShopFixture(settings: settings).shop
        let company = try #require(shop.payments.provider as? StripeProvider)
        let relay = try #require(shop.jobs.handler.transport as? SMTPTransport)
        #expect(company.desk !== relay.desk)
    }
}
