import ArgumentParser
import Foundation
import Logging
import Transport

/// All that a server is told, shared by `serve` and `config check`.
struct ServeOptions: ParsableArguments {
    @OptionGroup var data: DatabaseOptions

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

    /// What the options and the variables come to.
    struct Resolved {
        var shop = Shop.Settings()
        var publicAddress = ListenAddress(host: "127.0.0.1", port: 9000)
        var internalAddress = ListenAddress(host: "127.0.0.1", port: 9100)
        var isDemonstration = false
        var demoPassword: String?
        var logLevel = Logger.Level.info
    }

    /// Variables that other commands read.
    static let others: Set = [
        "BMH_ADMIN_PASSWORD", "BMH_SANDBOX_KEY", "BMH_SANDBOX_WEBHOOK_KEY",
    ]

    /// Reads everything; what is wrong is noted in `reader`, and the rest is as good as it can be.
    func resolve(_ reader: inout SettingsReader) -> Resolved {
        var resolved = Resolved()
        resolveAddresses(&reader, &resolved)
        resolveSale(&reader, &resolved.shop)
        resolveMail(&reader, &resolved.shop)
        let isProviderChosen = resolvePayments(&reader, &resolved.shop)
        resolveCollector(&reader, &resolved.shop)
        resolved.isDemonstration = reader.isOn("BMH_DEMO", option: demo)
        resolved.demoPassword = reader.text(
            "BMH_DEMO_PASSWORD",
            option: demoPassword,
            show: { _ in "…" }
        )
        if let password = resolved.demoPassword,
            !Accounts.passwordBytes.contains(password.utf8.count)
        {
            reader.note("BMH_DEMO_PASSWORD: a password has 10 to 200 characters")
        }
        let level = reader.text("BMH_LOG_LEVEL", option: logLevel, default: "info") ?? "info"
        if let known = Logger.Level(rawValue: level) {
            resolved.logLevel = known
        } else {
            reader.note("BMH_LOG_LEVEL: \(level) is no level")
        }
        if !resolved.isDemonstration {
            Self.checkSale(to: resolved.shop, isProviderChosen, &reader)
        }
        return resolved
    }

    private func resolveAddresses(_ reader: inout SettingsReader, _ resolved: inout Resolved) {
        if let address = reader.address("BMH_LISTEN", option: listen, default: "127.0.0.1:9000") {
            resolved.publicAddress = address
        }
        let inside = "BMH_INTERNAL_LISTEN"
        if let address = reader.address(inside, option: internalListen, default: "127.0.0.1:9100") {
            resolved.internalAddress = address
        }
        let address = resolved.publicAddress
        let origin = reader.text(
            "BMH_PUBLIC_URL",
            option: publicUrl,
            default: "http://\(address.host):\(address.port)"
        )
        if let origin, origin.hasPrefix("https://") || origin.hasPrefix("http://") {
            resolved.shop.publicOrigin = origin.hasSuffix("/") ? String(origin.dropLast()) : origin
        } else {
            reader.note("BMH_PUBLIC_URL: begins with https://")
        }
        let database = reader.text(
            "BMH_DATABASE",
            "BMH_DATABASE_URL",
            option: data.database,
            default: "bookme.db",
            show: SettingsReader.redacted
        )
        if let problem = database.flatMap(DatabaseOptions.problem) {
            reader.note("BMH_DATABASE: \(problem)")
        }
        resolved.shop.redisURL = reader.text(
            "BMH_REDIS",
            "BMH_REDIS_URL",
            option: redis,
            show: SettingsReader.redacted
        )
        if let path = reader.text("BMH_GATEWAY_KEY", option: gatewayKey) {
            let pem = try? String(contentsOfFile: path, encoding: .utf8)
            resolved.shop.gatewayKey = try? pem.map { try Ed25519PublicKey(pem: $0) }
            if resolved.shop.gatewayKey == nil {
                reader.note("BMH_GATEWAY_KEY: \(path) is no Ed25519 public key in PEM")
            }
        }
    }

    private func resolveSale(_ reader: inout SettingsReader, _ shop: inout Shop.Settings) {
        if let text = reader.text("BMH_ROLES", option: roles, default: "all"), text != "all" {
            if let roles = ServiceRole.set(text) {
                shop.roles = roles
            } else {
                reader.note("BMH_ROLES: users, seats, checkout, orders, web and worker")
            }
        }
        shop.holdSeconds = reader.number("BMH_HOLD_SECONDS", unset: "as each event says")
        Self.read("BMH_ORDER_PAY_SECONDS", in: Span.second, &reader, &shop.paymentWindow)
        Self.read("BMH_PAYMENTS_RECONCILE_SECONDS", in: Span.second, &reader, &shop.reconcileAfter)
        Self.read("BMH_PAYMENT_EVENTS_DAYS", in: Span.day, &reader, &shop.retention.paymentEvents)
        Self.read("BMH_AUDIT_DAYS", in: Span.day, &reader, &shop.retention.audit)
        Self.read("BMH_DEAD_JOBS_DAYS", in: Span.day, &reader, &shop.retention.deadJobs)
        Self.read("BMH_UNCONFIRMED_DAYS", in: Span.day, &reader, &shop.retention.unconfirmed)
        Self.read("BMH_PASSWORD_PARALLEL", &reader, &shop.passwordParallelLimit)
        Self.read("BMH_LIVE_MAX_STREAMS", &reader, &shop.liveLimit)
    }

    /// A span of time that stays what it is unless something else is said.
    private static func read(
        _ name: String,
        in unit: Milliseconds,
        _ reader: inout SettingsReader,
        _ span: inout Milliseconds
    ) {
        guard let units = reader.number(name, default: Int(span / unit)) else { return }
        span = Milliseconds(units) * unit
    }

    /// A number that stays what it is unless another is said.
    private static func read(
        _ name: String,
        _ reader: inout SettingsReader,
        _ number: inout Int
    ) {
        number = reader.number(name, default: number) ?? number
    }

    private func resolveCollector(_ reader: inout SettingsReader, _ shop: inout Shop.Settings) {
        let url = reader.text("BMH_OTLP_URL")
        let header = reader.secret("BMH_OTLP_HEADER")
        let authorities = reader.text("BMH_OTLP_CA")
        guard let url else { return }
        guard url.hasPrefix("https://") || url.hasPrefix("http://") else {
            return reader.note("BMH_OTLP_URL: begins with https://")
        }
        shop.collector = OTLPExporter.Collector(
            url: url.hasSuffix("/") ? String(url.dropLast()) : url,
            header: header,
            authorities: authorities
        )
    }

    private func resolveMail(_ reader: inout SettingsReader, _ shop: inout Shop.Settings) {
        let beside = data.neighbouringSpool
        shop.mailSpool =
            reader.text("BMH_MAIL_SPOOL", option: mailSpool, default: beside) ?? beside
        shop.mailFrom =
            reader.text("BMH_MAIL_FROM", default: shop.mailFrom) ?? shop.mailFrom
        let url = reader.text("BMH_SMTP_URL", show: SettingsReader.redacted)
        let user = reader.text("BMH_SMTP_USER")
        let password = reader.secret("BMH_SMTP_PASSWORD")
        let authorities = reader.text("BMH_SMTP_CA")
        let mayBePlain = reader.isOn("BMH_SMTP_PLAIN")
        guard let url else { return }
        guard url.hasPrefix("smtp://") || url.hasPrefix("smtps://") else {
            return reader.note("BMH_SMTP_URL: begins with smtp:// or smtps://")
        }
        shop.mailRelay = SMTPTransport.Relay(
            url: url,
            user: user,
            password: password,
            authorities: authorities,
            mayBePlain: mayBePlain
        )
    }

    /// Returns whether somebody said who takes the money.
    private func resolvePayments(_ reader: inout SettingsReader, _ shop: inout Shop.Settings)
        -> Bool
    {
        let choice = reader.text("BMH_PAYMENTS", unset: "sandbox")
        let key = reader.secret("BMH_STRIPE_KEY")
        let webhookKey = reader.secret("BMH_STRIPE_WEBHOOK_KEY")
        var account = StripeProvider.Account(secretKey: key ?? "", webhookKey: webhookKey ?? "")
        account.url = reader.text("BMH_STRIPE_URL", default: account.url) ?? account.url
        account.pages = reader.text("BMH_STRIPE_PAGES", default: account.pages) ?? account.pages
        account.method = reader.text("BMH_STRIPE_METHOD", default: account.method) ?? account.method
        account.authorities = reader.text("BMH_STRIPE_CA")
        switch choice {
        case nil, "sandbox": shop.payments = .sandbox
        case "stripe" where key == nil || webhookKey == nil:
            reader.note(
                "BMH_PAYMENTS: stripe needs BMH_STRIPE_KEY_FILE and BMH_STRIPE_WEBHOOK_KEY_FILE"
            )
        case "stripe": shop.payments = .stripe(account)
        default: reader.note("BMH_PAYMENTS: sandbox or stripe")
        }
        return choice != nil
    }
}
