import Logging
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
        /// How long seats are held, in place of what each event says.
        var holdSeconds: Int?
        /// How long a payment may stay silent before the provider is asked about it.
        var reconcileAfter: Milliseconds = 2 * Span.minute
        /// The folder that mails are put into.
        var mailSpool = "mail"
        var mailFrom = "tickets@localhost"
        /// What this process does.
        var roles = Set(ServiceRole.allCases)
        /// The relay that takes mails; without one they are put into the folder.
        var mailRelay: SMTPTransport.Relay?
        /// Who collects metrics and traces.
        var collector: OTLPExporter.Collector?
        /// Who takes the money.
        var payments = PaymentChoice.sandbox
        /// A Redis from which the gateway reads sessions.
        var redisURL: String?
        /// How long others may take to answer, Redis, relays, providers and collectors, in place of what is usual for
        /// each.
        var patience: Milliseconds?
        /// How many viewers of live seat maps one process serves.
        var liveLimit = 10_000
        /// How long is kept what selling needs no more.
        var retention = Retention()
    }

    /// The payment providers that there are.
    enum PaymentChoice: Sendable {
        case sandbox
        case stripe(StripeProvider.Account)
    }

    let settings: Settings
    let database: Database
    /// By which everything goes that the database keeps: the time as its server has it.
    let clock: WallClock
    let databaseClock: DatabaseClock
    let metrics: Metrics
    let secrets: Secrets
    let catalog: EventCatalog
    let board: AvailabilityBoard
    let holds: HoldDesk
    let orders: OrderDesk
    let payments: PaymentDesk
    let refunds: RefundDesk
    let refundRunner: RefundRunner
    let sweeper: Sweeper
    let accounts: Accounts
    let sessions: SessionStore
    let till: SandboxTill
    let mint: IdentifierMint
    let door: DoorDesk
    let live: LiveBoard
    let jobs: JobRunner
    let audit: Audit
    /// Draws the tickets that visitors fetch. Not that of the mails, of which there may be many.
    let press = TicketPress()
    /// Sends metrics and traces, if somebody collects them.
    let exporter: OTLPExporter?

    /// Bounds the guessing of voucher codes.
    var voucherTries: VoucherTries { VoucherTries(database: database, clock: clock) }

    /// What forgets what nobody needs any more.
    var purge: Purge { Purge(database: database, clock: clock, retention: settings.retention) }

    /// Migrates the database and wires the desks to it.
    init(database: Database, settings: Settings = Settings(), clock own: WallClock = .system)
        throws
    {
        _ = try Migrator(migrations: Schema.migrations, clock: own).migrate(database)
        let metrics = Metrics()
        let secrets = try Secrets.load(database)
        let node = try NodeNumber.lease(database)
        let mint = IdentifierMint(node: node, clock: own)
        let databaseClock = DatabaseClock(database: database, own: own)
        let clock = databaseClock.wallClock
        let board = AvailabilityBoard(
            database: database,
            clock: clock,
            toleranceMilliseconds: settings.availabilityTolerance
        )
        let catalog = EventCatalog(database: database, clock: clock)
        let orders = Self.orders(database, settings, secrets, mint, clock, metrics)
        let signature = WebhookSignature(key: secrets.sandboxWebhook)
        let neighbours = try ShopNeighbours(
            settings,
            sandbox: SandboxProvider(database: database, clock: own, signature: signature),
            metrics: metrics,
            clock: own,
            node: node
        )
        let payments = Self.payments(settings, neighbours.provider, orders, own, metrics)
        self.settings = settings
        self.database = database
        self.clock = clock
        self.databaseClock = databaseClock
        self.metrics = metrics
        self.secrets = secrets
        self.board = board
        self.orders = orders
        self.payments = payments
        self.catalog = catalog
        self.mint = mint
        holds = HoldDesk(
            database: database,
            board: board,
            mint: mint,
            clock: clock,
            metrics: metrics,
            holdSeconds: settings.holdSeconds
        )
        refunds = RefundDesk(database: database, mint: mint, clock: clock)
        refundRunner = Self.refundRunner(neighbours.provider, orders)
        sweeper = Sweeper(database: database, orders: orders, clock: clock, metrics: metrics)
        let sessions = SessionStore(
            database: database,
            clock: clock,
            mint: mint,
            mirror: neighbours.mirror
        )
        self.sessions = sessions
        exporter = neighbours.exporter
        audit = Audit(database: database, mint: mint, clock: clock)
        live = LiveBoard(
            catalog: catalog,
            board: board,
            clock: clock,
            viewerLimit: settings.liveLimit
        )
        accounts = Self.accounts(database, settings, mint, clock, sessions)
        till = SandboxTill(database: database, clock: own, signature: signature) { body, header in
            (try? await payments.receive(body, signature: header)) != nil
        }
        door = try Self.door(database, catalog, secrets, mint, clock)
        jobs = Self.jobs(database, catalog, sessions, settings, neighbours, payments, refunds)
    }

    private static func orders(
        _ database: Database,
        _ settings: Settings,
        _ secrets: Secrets,
        _ mint: IdentifierMint,
        _ clock: WallClock,
        _ metrics: Metrics
    ) -> OrderDesk {
        OrderDesk(
            database: database,
            mint: mint,
            clock: clock,
            issuer: TicketIssuer(mint: mint, key: secrets.ticketKey),
            metrics: metrics,
            orderSecret: OrderSecret(key: secrets.cart),
            paymentWindow: settings.paymentWindow
        )
    }

    private static func refundRunner(_ provider: any PaymentProvider, _ orders: OrderDesk)
        -> RefundRunner
    {
        RefundRunner(
            database: orders.database,
            provider: provider,
            mint: orders.mint,
            clock: orders.clock,
            metrics: orders.metrics
        )
    }

    private static func payments(
        _ settings: Settings,
        _ provider: any PaymentProvider,
        _ orders: OrderDesk,
        _ own: WallClock,
        _ metrics: Metrics
    ) -> PaymentDesk {
        PaymentDesk(
            database: orders.database,
            provider: provider,
            orders: orders,
            mint: orders.mint,
            clock: orders.clock,
            metrics: metrics,
            ownClock: own,
            reconcileAfter: settings.reconcileAfter
        )
    }

    private static func door(
        _ database: Database,
        _ catalog: EventCatalog,
        _ secrets: Secrets,
        _ mint: IdentifierMint,
        _ clock: WallClock
    ) throws -> DoorDesk {
        DoorDesk(
            database: database,
            catalog: catalog,
            key: try Ed25519PublicKey(pem: secrets.ticketKey.publicPEM),
            keyPEM: secrets.ticketKey.publicPEM,
            mint: mint,
            clock: clock
        )
    }

    private static func accounts(
        _ database: Database,
        _ settings: Settings,
        _ mint: IdentifierMint,
        _ clock: WallClock,
        _ sessions: SessionStore
    ) -> Accounts {
        Accounts(
            database: database,
            hasher: PasswordHasher(
                parallelLimit: settings.passwordParallelLimit,
                cost: settings.passwordCost
            ),
            mint: mint,
            clock: clock,
            sessions: sessions
        )
    }

    private static func jobs(
        _ database: Database,
        _ catalog: EventCatalog,
        _ sessions: SessionStore,
        _ settings: Settings,
        _ neighbours: ShopNeighbours,
        _ payments: PaymentDesk,
        _ refunds: RefundDesk
    ) -> JobRunner {
        let orders = payments.orders
        let clock = orders.clock
        let handler = JobHandler(
            database: database,
            catalog: catalog,
            cancellation: EventCancellation(
                database: database,
                orders: orders,
                refunds: refunds,
                mint: orders.mint,
                clock: clock
            ),
            payments: payments,
            sessions: sessions,
            transport: neighbours.mail,
            mail: ShopMail(
                publicOrigin: settings.publicOrigin,
                from: settings.mailFrom,
                secret: orders.orderSecret
            ),
            clock: clock
        )
        return JobRunner(
            database: database,
            handler: handler,
            clock: clock,
            metrics: orders.metrics,
            logger: Logger(label: "bookme.jobs"),
            leases: JobLeases(database: database, clock: clock),
            stream: neighbours.stream
        )
    }
}
