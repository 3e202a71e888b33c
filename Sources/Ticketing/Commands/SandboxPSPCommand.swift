import ArgumentParser
import Hummingbird
import HummingbirdCore
import Logging
import Transport

/// `bookme sandbox-psp`
struct SandboxPSPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox-psp",
        abstract: "A payment company without money, which speaks like Stripe.",
        discussion: """
            For shops that run with BMH_PAYMENTS=stripe: BMH_STRIPE_URL is this server's address. Its pay page has \
            cards that are accepted, declined, accepted late, and accepted without a word.
            """
    )

    @OptionGroup var options: DatabaseOptions

    @Option(help: "Where buyers and shops connect.")
    var listen = ListenAddress(host: "127.0.0.1", port: 9200)

    @Option(help: "The shop's address for messages.")
    var webhook = "http://127.0.0.1:9000/api/v1/webhooks/stripe"

    @Option(help: "The key that shops must have [BMH_SANDBOX_KEY].")
    var key: String?

    @Option(help: "The key that signs messages [BMH_SANDBOX_WEBHOOK_KEY].")
    var webhookKey: String?

    func run() async throws {
        guard let key = key ?? Setting.text("BMH_SANDBOX_KEY"),
            let webhookKey = webhookKey ?? Setting.text("BMH_SANDBOX_WEBHOOK_KEY")
        else { throw ValidationError("say --key and --webhook-key") }
        LoggingSystem.bootstrap { ECSLogHandler(label: $0) }
        let logger = Logger(label: "bookme.sandbox")
        let database = try options.open()
        let company = try SandboxCompany(
            database: database,
            clock: .system,
            webhook: webhook,
            key: key,
            webhookKey: webhookKey
        )
        try await company.run(at: listen, logger: logger)
        try database.close()
    }
}
