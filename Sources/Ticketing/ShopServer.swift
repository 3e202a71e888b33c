import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Two listeners over one shop: one for visitors, one for the gateway and the operator.
struct ShopServer: Sendable {
    let shop: Shop
    let publicAddress: ListenAddress
    let internalAddress: ListenAddress
    var logger = Logger(label: "bookme")
    /// Called with the port of each listener once it is open; tells which port 0 became.
    var onListening: @Sendable (_ isInternal: Bool, _ port: Int) -> Void = { _, _ in }

    /// Serves until SIGTERM or SIGINT; then finishes what is being answered.
    func run() async throws {
        // Before anybody is told until when something is theirs. Who is not answered now goes on asking.
        try? await shop.databaseClock.measure()
        var application = Application(
            responder: StreamResponder(
                inner: ShopRouter(shop: shop, pages: try Pages()).router().buildResponder()
            ),
            server: .http1(configuration: Self.limits),
            configuration: Self.configuration(publicAddress),
            onServerRunning: { announce($0, isInternal: false) },
            logger: logger
        )
        application.addServices(
            Application(
                router: InternalRoutes(shop: shop).router(),
                server: .http1(configuration: Self.limits),
                configuration: Self.configuration(internalAddress),
                onServerRunning: { announce($0, isInternal: true) },
                logger: logger
            )
        )
        let background = BackgroundWork(shop: shop, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { [application] group in
            group.addTask { await background.run() }
            try await application.runService()
            group.cancelAll()
        }
        logger.info("stopped")
    }

    @Sendable private func announce(_ channel: any Channel, isInternal: Bool) {
        let port = channel.localAddress?.port ?? 0
        logger.info(
            "serving",
            metadata: ["server.port": .stringConvertible(port), "internal": "\(isInternal)"]
        )
        onListening(isInternal, port)
    }

    /// What one connection may send before it has said what it wants, and how long it may be silent.
    private static let limits = HTTP1Channel.Configuration(
        additionalChannelHandlers: [EarlyAnswers()],
        idleTimeout: .seconds(75),
        httpDecoderConfiguration: .init(
            maxHeaderFieldSize: 16 * 1024,
            maxHeaderListSize: 32 * 1024,
            maxHeaderFieldCount: 100
        )
    )

    private static func configuration(_ address: ListenAddress) -> ApplicationConfiguration {
        ApplicationConfiguration(
            address: .hostname(address.host, port: address.port),
            backlog: 1024
        )
    }
}
