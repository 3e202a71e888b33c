import ArgumentParser
import Foundation
import Logging
import Transport

/// `bookme serve`
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serves the API and the storefront until it is told to stop.",
        discussion: "Every option has a variable of the same meaning, as BMH_LISTEN for --listen."
    )

    @OptionGroup var options: DatabaseOptions

    @Option(help: "Where visitors, or the gateway, connect [default 127.0.0.1:9000].")
    var listen: ListenAddress?

    @Option(help: "Where the gateway and the operator ask [default 127.0.0.1:9100].")
    var internalListen: ListenAddress?

    @Option(
        help:
            "Scheme, host and port as visitors see them [default http:// and the listening address]."
    )
    var publicUrl: String?

    @Option(help: "The gateway's Ed25519 public key (PEM): trust its assertions and nothing else.")
    var gatewayKey: String?

    @Option(
        help: "What this process does: users, seats, checkout, orders, web, worker [default all]."
    )
    var roles: String?

    @Option(
        help: "Also keep sessions in this Redis, where a gateway reads them: redis://HOST:PORT."
    )
    var redis: String?

    @Option(help: "The folder that mails are put into [default mail, beside the database].")
    var mailSpool: String?

    @Flag(help: "Seed an empty database with a demonstration programme.")
    var demo = false

    @Option(help: "The demonstration accounts' password instead of random ones.")
    var demoPassword: String?

    @Option(help: "trace, debug, info, notice, warning, error or critical [default info].")
    var logLevel: String?

    func run() async throws {
        let level =
            Logger.Level(rawValue: logLevel ?? Setting.text("BMH_LOG_LEVEL") ?? "info") ?? .info
        LoggingSystem.bootstrap { label in
            var handler = ECSLogHandler(label: label)
            handler.logLevel = level
            return handler
        }
        let shop = try Shop(database: try options.open(), settings: try settings())
        if demo || Setting.isOn("BMH_DEMO") { try await seedIfEmpty(shop) }
        try await ShopServer(
            shop: shop,
            publicAddress: try publicAddress(),
            internalAddress: try internalAddress()
        )
        .run()
        try shop.database.close()
    }

    private func settings() throws -> Shop.Settings {
        var settings = Shop.Settings()
        let address = try publicAddress()
        let origin =
            publicUrl ?? Setting.text("BMH_PUBLIC_URL") ?? "http://\(address.host):\(address.port)"
        settings.publicOrigin = origin.hasSuffix("/") ? String(origin.dropLast()) : origin
        settings.holdSeconds = try Setting.number("BMH_HOLD_SECONDS")
        if let seconds = try Setting.number("BMH_ORDER_PAY_SECONDS") {
            settings.paymentWindow = Milliseconds(seconds) * Span.second
        }
        if let seconds = try Setting.number("BMH_PAYMENTS_RECONCILE_SECONDS") {
            settings.reconcileAfter = Milliseconds(seconds) * Span.second
        }
        if let limit = try Setting.number("BMH_PASSWORD_PARALLEL") {
            settings.passwordParallelLimit = limit
        }
        if let limit = try Setting.number("BMH_LIVE_MAX_STREAMS") { settings.liveLimit = limit }
        if let text = roles ?? Setting.text("BMH_ROLES") {
            guard let roles = ServiceRole.set(text) else {
                throw ValidationError("roles: users, seats, checkout, orders, web and worker")
            }
            settings.roles = roles
        }
        settings.redisURL = redis ?? Setting.text("BMH_REDIS") ?? Setting.text("BMH_REDIS_URL")
        settings.mailSpool =
            mailSpool ?? Setting.text("BMH_MAIL_SPOOL") ?? options.neighbouringSpool
        if let from = Setting.text("BMH_MAIL_FROM") { settings.mailFrom = from }
        if let path = gatewayKey ?? Setting.text("BMH_GATEWAY_KEY") {
            settings.gatewayKey = try Ed25519PublicKey(
                pem: try String(contentsOfFile: path, encoding: .utf8)
            )
        }
        return settings
    }

    private func seedIfEmpty(_ shop: Shop) async throws {
        let seeder = Seeder(shop: shop, seed: 7)
        guard try await seeder.isEmpty() else { return }
        let password = demoPassword ?? Setting.text("BMH_DEMO_PASSWORD")
        if let passwords = try await seeder.seedDemonstration(password: password) {
            SeedCommand.announce(passwords)
        }
    }

    private func publicAddress() throws -> ListenAddress {
        try address(listen, "BMH_LISTEN", "127.0.0.1:9000")
    }

    private func internalAddress() throws -> ListenAddress {
        try address(internalListen, "BMH_INTERNAL_LISTEN", "127.0.0.1:9100")
    }

    private func address(_ option: ListenAddress?, _ name: String, _ fallback: String) throws
        -> ListenAddress
    {
        if let option { return option }
        let text = Setting.text(name) ?? fallback
        guard let address = ListenAddress(argument: text) else {
            throw ValidationError("\(name) is not host:port: \(text)")
        }
        return address
    }
}
