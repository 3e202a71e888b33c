import Redis

/// What a shop needs of others: who takes the money and the mails, who collects figures, and a Redis for jobs and
/// sessions.
struct ShopNeighbours: Sendable {
    let provider: any PaymentProvider
    let mail: any MailTransport
    let exporter: OTLPExporter?
    let stream: JobStream?
    let mirror: SessionMirror?

    /// Those that the settings name; `node` tells this process from others.
    init(
        _ settings: Shop.Settings,
        sandbox: SandboxProvider,
        metrics: Metrics,
        clock: WallClock,
        node: Int64
    ) throws {
        // One for each: who hangs holds up nobody but those who wait for it.
        let desk = { TransferDesk(patience: settings.patience) }
        switch settings.payments {
        case .sandbox: provider = sandbox
        case .stripe(let account):
            provider = StripeProvider(
                account: account,
                publicOrigin: settings.publicOrigin,
                desk: desk()
            )
        }
        if let relay = settings.mailRelay {
            mail = SMTPTransport(relay: relay, desk: desk())
        } else {
            mail = MailSpool(folder: settings.mailSpool)
        }
        exporter = settings.collector.map { collector in
            OTLPExporter(
                collector: collector,
                desk: desk(),
                metrics: metrics,
                spans: SpanBuffer(),
                clock: clock,
                startedAt: clock.now()
            )
        }
        mirror = try settings.redis().map { try SessionMirror($0) }
        let isWorker = settings.roles.contains(.worker)
        stream = try settings.redis().flatMap { redis in
            isWorker ? try JobStream(redis, consumer: "node-\(node)") : nil
        }
    }
}

extension Shop.Settings {
    /// How the Redis is spoken to, if there is one.
    func redis() throws -> RedisConfiguration? {
        guard let redisURL else { return nil }
        var configuration = RedisConfiguration(try RedisURL(redisURL))
        if let patience = patience.map(UInt64.init(clamping:)) {
            configuration.connectTimeoutMilliseconds = patience
            configuration.commandTimeoutMilliseconds = patience
        }
        return configuration
    }
}
