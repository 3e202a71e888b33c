import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Transport

/// The sandbox with a server and a database of its own, as a shop meets a payment company.
struct SandboxCompany: Sendable {
    let provider: SandboxProvider
    let till: SandboxTill
    private let key: String

    /// Migrates the database; messages go to `webhook`, signed with `webhookKey`.
    init(
        database: Database,
        clock: WallClock,
        webhook: String,
        key: String,
        webhookKey: String
    ) throws {
        _ = try Migrator(migrations: Schema.migrations, clock: clock).migrate(database)
        let signature = WebhookSignature(key: HMACKey(Array(webhookKey.utf8)))
        let desk = TransferDesk()
        self.key = key
        provider = SandboxProvider(database: database, clock: clock, signature: signature)
        till = SandboxTill(database: database, clock: clock, signature: signature) { body, _ in
            guard let message = try? JSON.decode(SandboxProvider.Message.self, from: body),
                let event = StripeStandIn.event(message)
            else { return false }
            let bytes = JSON.encode(event)
            let header = signature.header(for: bytes, at: clock.now())
            let transfer = Transfer(
                url: webhook,
                action: .request(
                    method: "POST",
                    headers: [
                        "Content-Type: application/json", "Stripe-Signature: \(header)", "Expect:",
                    ],
                    body: bytes
                )
            )
            let answer = try? await desk.perform(transfer)
            return (200..<300).contains(answer?.status ?? 0)
        }
    }

    /// Serves until SIGTERM or SIGINT, or until the task is cancelled.
    func run(
        at address: ListenAddress,
        logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) -> Void = { _ in }
    ) async throws {
        let standIn = StripeStandIn(
            provider: provider,
            till: till,
            pages: try Pages(),
            secretKey: key,
            publicOrigin: "http://\(address.host):\(address.port)"
        )
        let application = Application(
            router: standIn.router(),
            server: .http1(),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port)
            ),
            onServerRunning: { onListening($0.localAddress?.port ?? 0) },
            logger: logger
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    try? await till.work()
                    try? await Task.sleep(for: .milliseconds(250))
                }
            }
            try await application.runService()
            group.cancelAll()
        }
    }
}
