import Logging
import ServiceLifecycle
import Synchronization

@testable import Ticketing

/// A shop that listens on two ports of its own for as long as a test runs.
struct RunningShop {
    let fixture: ShopFixture
    let client: SocketClient
    /// Where the gateway asks.
    let gateway: SocketClient
    private let group: ServiceGroup

    /// The server as part of something that can be stopped without a signal to the process of all tests.
    private struct Serving: Service {
        let server: ShopServer

        func run() async throws { try await server.run() }
    }

    /// Starts a shop, runs `body` against it and stops it again.
    static func run(
        settings: Shop.Settings = ShopFixture.settings,
        logger: Logger = Logger(label: "bookme"),
        _ body: (RunningShop) async throws -> Void
    ) async throws {
        let fixture = try await ShopFixture(settings: settings)
        guard let anyPort = ListenAddress(argument: "127.0.0.1:0") else {
            throw SocketClient.Unreachable()
        }
        let (ports, announced) = AsyncStream<(isInternal: Bool, port: Int)>.makeStream()
        let server = ShopServer(
            shop: fixture.shop,
            publicAddress: anyPort,
            internalAddress: anyPort,
            logger: logger
        ) {
            announced.yield((isInternal: $0, port: $1))
        }
        let group = ServiceGroup(
            services: [Serving(server: server)],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let task = Task { try await group.run() }
        var known: [Bool: Int] = [:]
        for await announcement in ports {
            known[announcement.isInternal] = announcement.port
            if known.count == 2 { break }
        }
        let shop = RunningShop(
            fixture: fixture,
            client: SocketClient(port: known[false] ?? 0),
            gateway: SocketClient(port: known[true] ?? 0),
            group: group
        )
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(shop)) } catch { outcome = .failure(error) }
        task.cancel()
        _ = await task.result
        try outcome.get()
    }

    /// Asks the shop to stop once everything is answered.
    func stop() async { await group.triggerGracefulShutdown() }

    /// Makes an account and signs in; returns the header that carries the session.
    func signIn(_ email: String, role: Role = .user) async throws -> [String: String] {
        try await Seeder(shop: fixture.shop, seed: 1).register(
            email,
            "Somebody",
            ShopFixture.password,
            role
        )
        let json = #"{"email":"\#(email)","password":"\#(ShopFixture.password)"}"#
        return ["cookie": try await client.post("/api/v1/sessions", json: json).cookie]
    }
}
