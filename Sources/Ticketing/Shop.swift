import Transport

/// Everything a request needs, wired once.
struct Shop: Sendable {
    /// What the operator decides.
    struct Settings: Sendable {
        /// Scheme and authority under which visitors see the service, without a slash at the end.
        var publicOrigin = "http://127.0.0.1:9000"
        /// The gateway's key. With it identity comes from signed assertions alone; without it from the session cookie.
        var gatewayKey: Ed25519PublicKey?
        var passwordParallelLimit = 2
        var paymentWindow: Milliseconds = 15 * Span.minute
        var availabilityTolerance: Milliseconds = 50
        var passwordCost = PasswordHasher.Cost()
    }

    let settings: Settings
    let database: Database
    let clock: WallClock
    let metrics: Metrics
    let secrets: Secrets
    let catalog: EventCatalog
    let board: AvailabilityBoard
    let holds: HoldDesk
    let orders: OrderDesk
    let payments: PaymentDesk
    let refunds: RefundDesk
    let sweeper: Sweeper
    let accounts: Accounts
    let sessions: SessionStore
    let till: SandboxTill

    /// Migrates the database and wires the desks to it.
    init(database: Database, settings: Settings = Settings(), clock: WallClock = .system) throws {
        _ = try Migrator(migrations: Schema.migrations, clock: clock).migrate(database)
        let metrics = Metrics()
        let secrets = try Secrets.load(database)
        let mint = IdentifierMint(node: try NodeNumber.lease(database), clock: clock)
        let board = AvailabilityBoard(
            database: database,
            clock: clock,
            toleranceMilliseconds: settings.availabilityTolerance
        )
        let orders = OrderDesk(
            database: database,
            mint: mint,
            clock: clock,
            issuer: TicketIssuer(mint: mint, key: secrets.ticketKey),
            metrics: metrics,
            paymentWindow: settings.paymentWindow
        )
        let signature = WebhookSignature(key: secrets.sandboxWebhook)
        let provider = SandboxProvider(database: database, clock: clock, signature: signature)
        let payments = PaymentDesk(
            database: database,
            provider: provider,
            orders: orders,
            mint: mint,
            clock: clock,
            metrics: metrics
        )
        self.settings = settings
        self.database = database
        self.clock = clock
        self.metrics = metrics
        self.secrets = secrets
        self.board = board
        self.orders = orders
        self.payments = payments
        catalog = EventCatalog(database: database, clock: clock)
        holds = HoldDesk(
            database: database,
            board: board,
            mint: mint,
            clock: clock,
            metrics: metrics
        )
        refunds = RefundDesk(database: database, provider: provider, clock: clock, metrics: metrics)
        sweeper = Sweeper(database: database, orders: orders, clock: clock, metrics: metrics)
        accounts = Accounts(
            database: database,
            hasher: PasswordHasher(
                parallelLimit: settings.passwordParallelLimit,
                cost: settings.passwordCost
            ),
            mint: mint,
            clock: clock
        )
        sessions = SessionStore(database: database, clock: clock)
        till = SandboxTill(database: database, clock: clock, signature: signature) { body, header in
            (try? await payments.receive(body, signature: header)) != nil
        }
    }
}
