import Glibc
import Redis
import Rules
import Synchronization
import Transport

/// What workers share and what outlives reloads. Each member's contention story is in ARCHITECTURE.md.
final class SharedState: Sendable {
    let ticketKeys = TicketKeys()
    let rateLimiter: RateLimiter
    let connectionLimit: ConnectionLimit
    let accessLog: LogFile?
    let securityLog: LogFile?
    let counters: [WorkerCounters]
    let cache: ResponseCache
    let rooms: RoomRegistry
    let parkedConnections = ParkedConnections()
    /// What rules remember between requests, and how gateways share it, if they do.
    let collections: CollectionStore
    let collectionExchange: CollectionExchange?
    /// Each worker's connection to Redis; nil if none is configured.
    let redis: WorkerRedisClients?
    /// Limits that gateways share; nil without a Redis.
    let limitLeases: LimitLeases?
    let reloads = ReloadRecord()
    let ruleCompiler = RuleCompiler()
    let supervisor = Supervisor()
    let memory: MemoryUse
    /// Memory in use, in thousandths of the limit; measured by one worker for all.
    let memoryPermille = Atomic<Int>(0)

    private let servers = Mutex<[String: KnownServer]>([:])
    private let current: Mutex<Snapshot?>
    private let currentGeneration = Atomic<Int>(0)
    private let draining = Atomic<Bool>(false)
    private let handedOver = Atomic<Bool>(false)

    /// - Parameter predecessor: the process that this one takes over from.
    init(_ configuration: Configuration, workerCount: Int, predecessor: SuccessionLink? = nil)
        throws(SnapshotError)
    {
        connectionLimit = ConnectionLimit(
            totalLimit: min(configuration.limits.connectionCount, FileLimit.connections),
            perClientLimit: configuration.limits.connectionsPerClient,
            clientCount: configuration.limits.connectionCount * 2
        )
        cache = ResponseCache(
            limits: .init(
                totalBytes: configuration.cache.memoryBytes,
                objectBytes: configuration.cache.objectBytes
            )
        )
        rateLimiter = RateLimiter(
            keyCount: 1 << 20,
            hash: configuration.redis.url.map(KeyedHash.init(sharedBy:)) ?? KeyedHash()
        )
        memory = MemoryUse(limitBytes: configuration.limits.memoryBytes)
        redis = try Self.redisClients(configuration.redis)
        limitLeases = redis.map { LimitLeases($0) }
        let sharing = configuration.rules.collections == .redis ? redis : nil
        let collections = CollectionStore(notesChanges: sharing != nil)
        self.collections = collections
        collectionExchange = sharing.map { CollectionExchange(store: collections, redis: $0) }
        let log = ServiceLog(level: configuration.log.level)
        rooms = try RoomRegistry(
            configuration,
            redis: redis,
            limiter: rateLimiter,
            predecessor: predecessor
        ) {
            log.warning("\($0)", $1)
        }
        counters = (0..<workerCount).map { _ in WorkerCounters() }
        current = Mutex(nil)
        accessLog = try Self.open(configuration.log.access)
        securityLog =
            try configuration.log.waf == configuration.log.access
            ? accessLog : Self.open(configuration.log.waf)
    }

    /// The configuration in force; nil before the first is published.
    var snapshot: Snapshot? { current.withLock { $0 } }

    /// The generation of the configuration in force.
    var generation: Int { currentGeneration.load(ordering: .acquiring) }

    /// Puts a configuration into force for every request that begins from now on.
    func publish(_ snapshot: Snapshot) {
        current.withLock { $0 = snapshot }
        currentGeneration.store(snapshot.generation, ordering: .releasing)
    }

    /// Whether the gateway is about to stop: connections end with their present request.
    var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// Whether another process accepts connections in our place.
    var isHandedOver: Bool { handedOver.load(ordering: .relaxed) }

    func handOver() { handedOver.store(true, ordering: .relaxed) }

    func beginDraining() { draining.store(true, ordering: .relaxed) }

    /// A server that some configuration names. No weak reference: one is enough for every use of the server to go
    /// through a table of the runtime.
    private struct KnownServer {
        var state: ServerState

        /// Whether no configuration names it any more.
        var isForgotten: Bool { mutating get { isKnownUniquelyReferenced(&state) } }
    }

    /// The state of a server, which stays the same while its upstream keeps naming it.
    func server(upstream: String, name: String, at address: SocketAddress) -> ServerState {
        servers.withLock { servers in
            let key = "\(upstream) \(address)"
            if servers[key]?.isForgotten == false, let known = servers[key] { return known.state }
            // With each reload names may stand for other addresses.
            for key in Array(servers.keys) where servers[key]?.isForgotten == true {
                servers[key] = nil
            }
            let state = ServerState(name: name, address: address)
            servers[key] = KnownServer(state: state)
            return state
        }
    }

    private static func redisClients(_ configuration: Configuration.Redis) throws(SnapshotError)
        -> WorkerRedisClients?
    {
        guard let text = configuration.url else { return nil }
        do throws(RedisURL.Problem) {
            var redis = RedisConfiguration(try RedisURL(text))
            // Waiting rooms stand still until every gateway is back.
            redis.backoffLimitMilliseconds = 250
            return WorkerRedisClients(redis)
        } catch {
            throw SnapshotError(problems: ["redis.url: \(error)"])
        }
    }

    private static func open(_ target: Configuration.LogTarget) throws(SnapshotError) -> LogFile? {
        switch target {
        case .off: return nil
        case .stdout: return try open(nil)
        case .file(let path): return try open(path)
        }
    }

    private static func open(_ path: String?) throws(SnapshotError) -> LogFile {
        if let file = LogFile(path: path) { return file }
        let name = path ?? "standard output"
        throw SnapshotError(problems: [
            "log \(name): cannot be written, or no thread is left for it"
        ])
    }
}

/// What became of the last reload, for metrics. Contention: written by the main thread, read by the admin listener.
final class ReloadRecord: Sendable {
    private let succeeded = Atomic<Bool>(true)
    private let seconds = Atomic<Int>(0)

    var hasSucceeded: Bool { succeeded.load(ordering: .relaxed) }
    /// Seconds since 1970; 0 before the first reload.
    var atSeconds: Int { seconds.load(ordering: .relaxed) }

    func note(_ success: Bool) {
        succeeded.store(success, ordering: .relaxed)
        seconds.store(time(nil), ordering: .relaxed)
    }
}
