import HTTP
import Logging
import Synchronization
import Transport

/// One core's share of the gateway: its listening sockets, connections, upstream connections and logs.
///
/// Unchecked: everything is touched on the reactor's thread alone, by tasks that prefer that reactor; only `start` and
/// `beginDraining` are called from outside, and they hand over to it.
final class Worker: @unchecked Sendable {
    let index: Int
    let reactor: Reactor
    let shared: SharedState
    let counters: WorkerCounters
    let outputs = OutputPool()
    let date = DateField()
    /// The port of the first TLS listener, for redirects.
    let tlsPort: UInt16

    private let accessLog: AccessLog
    private let securityLog: SecurityLog
    private let log: ServiceLog
    private var ids = RequestIDSource()
    private var listeners: [(Configuration.Listener, ListeningSocket)] = []
    private var admin: [ListeningSocket] = []
    private var connections: [ObjectIdentifier: Connection] = [:]
    private var pools: [UpstreamPool] = []
    private var overload = OverloadMeter()
    private var present: Pipeline
    private var checkedGeneration = 0

    init(index: Int, shared: SharedState, snapshot: Snapshot, log: ServiceLog) throws(SystemError) {
        self.index = index
        self.shared = shared
        self.log = log
        reactor = try Reactor()
        counters = shared.counters[index]
        accessLog = AccessLog(file: shared.accessLog, date: date)
        securityLog = SecurityLog(file: shared.securityLog, date: date)
        tlsPort = snapshot.configuration.listeners.first { $0.tls }?.address.port ?? 443
        pools = snapshot.upstreams.map { [reactor, outputs] in
            UpstreamPool($0, on: reactor, through: outputs)
        }
        present = Self.makePipeline(
            snapshot,
            reactor,
            pools,
            outputs,
            shared,
            counters,
            securityLog,
            date
        )
    }

    /// Opens the listening sockets, or takes its share of those that were inherited. A path in the file system can be
    /// bound once, so that the first worker takes it.
    func bind(_ listeners: [Configuration.Listener], _ inherited: InheritedSockets? = nil)
        throws(SystemError)
    {
        for listener in listeners {
            for address in ServerAddresses.resolve(listener.address) {
                let share = inherited?.take(address, worker: index, of: shared.counters.count) ?? []
                for descriptor in share {
                    let socket = try ListeningSocket(
                        descriptor: descriptor,
                        at: address,
                        on: reactor
                    )
                    self.listeners.append((listener, socket))
                }
                guard inherited?.contains(address) != true else { continue }
                if case .unix = address, index > 0 { continue }
                self.listeners.append((listener, try ListeningSocket(address, on: reactor)))
            }
        }
    }

    /// The listening sockets, for another process. They do not change after `start`.
    var listeningDescriptors: [Int32] {
        listeners.map { $0.1.descriptor } + admin.map(\.descriptor)
    }

    /// Starts the thread and accepts connections.
    func start(onCore core: Int?) {
        reactor.start(onCore: core)
        reactor.spawn { [self] in
            for listener in listeners {
                reactor.spawn(with: listener) { await self.accept(at: $0.0, from: $0.1) }
            }
            for socket in admin { reactor.spawn(with: socket) { await self.acceptAdmin(from: $0) } }
            if index == 0 {
                reactor.spawn { await self.tickRooms() }
                reactor.spawn { await TicketRotation(shared: self.shared).run(on: self.reactor) }
                if let exchange = shared.collectionExchange {
                    reactor.spawn { await exchange.run(on: self.reactor) }
                }
            }
            await tick()
        }
    }

    /// Runs `body` as a task of this worker.
    func run(_ body: @escaping @Sendable (Worker) async -> Void) {
        reactor.spawn { [self] in await body(self) }
    }

    // MARK: Configuration

    /// The configuration in force; a new one is adopted, since a handshake comes before any request.
    var snapshot: Snapshot { pipeline().snapshot }
    var isDraining: Bool { shared.isDraining }

    /// The pipeline of the configuration in force.
    func pipeline() -> Pipeline {
        if present.snapshot.generation != shared.generation { adopt() }
        return present
    }

    private func adopt() {
        guard let snapshot = shared.snapshot else { return }
        let older = pools
        pools = snapshot.upstreams.map { UpstreamPool($0, on: reactor, through: outputs) }
        for pool in older {
            if let heir = pools.first(where: { $0.upstream.name == pool.upstream.name }) {
                heir.inherit(from: pool)
            } else {
                pool.closeIdle()
            }
        }
        present = Self.makePipeline(
            snapshot,
            reactor,
            pools,
            outputs,
            shared,
            counters,
            securityLog,
            date
        )
    }

    private static func makePipeline(
        _ snapshot: Snapshot,
        _ reactor: Reactor,
        _ pools: [UpstreamPool],
        _ outputs: OutputPool,
        _ shared: SharedState,
        _ counters: WorkerCounters,
        _ securityLog: SecurityLog,
        _ date: DateField
    ) -> Pipeline {
        Pipeline(
            snapshot: snapshot,
            limits: LimitStage(
                limiter: shared.rateLimiter,
                leases: shared.limitLeases,
                reactor: reactor
            ),
            inspection: InspectionStage(
                snapshot,
                collections: shared.collections,
                log: securityLog,
                counters: counters
            ),
            sessions: SessionStage(
                snapshot.sessionPolicy,
                lookup: SessionLookup(pools: pools, redis: shared.redis),
                reactor: reactor,
                date: date
            ),
            waitingRoom: WaitingRoomStage(rooms: snapshot.rooms),
            cache: CacheStage(cache: shared.cache, date: date),
            local: LocalStage(),
            upstream: UpstreamStage(
                pools: pools,
                reactor: reactor,
                outputs: outputs,
                tunnels: TunnelPolicy(
                    snapshot,
                    workerCount: shared.counters.count,
                    counters: counters
                )
            )
        )
    }

    // MARK: Connections

    /// So many connections begin in one turn of the loop at most: a crowd of handshakes keeps nobody waiting who is
    /// connected already.
    private static let acceptsPerTurn = 2

    private func accept(at listener: Configuration.Listener, from socket: ListeningSocket) async {
        var accepted = 0
        while true {
            do throws(SystemError) {
                while overloadLevel == .notAccepting { await reactor.sleep(for: .milliseconds(50)) }
                guard let (stream, peer) = try await socket.accept() else { return }
                await admit(stream, from: peer, at: listener)
                accepted &+= 1
                if accepted % Self.acceptsPerTurn == 0 { await reactor.yield() }
            } catch {
                // Out of descriptors: connections wait in the kernel's queue until some are free again.
                log.warning("cannot accept", ["error": error.description])
                evict(from: nil, silentFor: Self.strangerSilenceNanoseconds)
                await reactor.sleep(for: .milliseconds(20))
            }
        }
    }

    private func admit(
        _ stream: ByteStream,
        from peer: SocketAddress,
        at listener: Configuration.Listener
    ) async {
        switch opening(for: peer) {
        case .refused(let refusal):
            if makeRoom(for: peer, refusal) {
                // The connection that was closed gives its place back when its task has ended.
                await reactor.yield()
                switch opening(for: peer) {
                case .open(let place):
                    return serve(stream, from: peer, at: listener, place: place)
                case .refused: break
                }
            }
            counters.connectionsRefused.add(1, ordering: .relaxed)
            stream.close()
        case .open(let place):
            serve(stream, from: peer, at: listener, place: place)
        }
    }

    private func serve(
        _ stream: ByteStream,
        from peer: SocketAddress,
        at listener: Configuration.Listener,
        place: consuming ConnectionLimit.Place
    ) {
        counters.connectionsAccepted.add(1, ordering: .relaxed)
        serve(Connection(stream, from: peer, at: listener, place: place, worker: self))
    }

    /// Peers that speak for many clients, trusted forwarders and Unix-domain ones, count as one connection among all.
    private func opening(for peer: SocketAddress) -> ConnectionLimit.Opening {
        guard case .ip(let address, _) = peer, !snapshot.clientAddress.trusts(address) else {
            return shared.connectionLimit.openUncounted()
        }
        return shared.connectionLimit.open(ClientPrefix(address))
    }

    /// Shows that this worker is alive; the first one tells the supervisor when all are.
    private func beat() {
        counters.lastBeat.store(reactor.now.nanoseconds, ordering: .relaxed)
        guard index == 0, let interval = shared.supervisor.watchdogNanoseconds else { return }
        let oldest = shared.counters.map { $0.lastBeat.load(ordering: .relaxed) }.min() ?? 0
        guard reactor.now.nanoseconds(since: Instant(nanoseconds: oldest)) < interval / 2 else {
            return
        }
        shared.supervisor.notify("WATCHDOG=1")
    }

    // MARK: Making room

    /// Silence after which a connection may be closed for another of the same client, and for one of anybody.
    private static let ownSilenceNanoseconds: UInt64 = 250_000_000
    private static let strangerSilenceNanoseconds: UInt64 = 1_000_000_000
    private static let evictionSearchLimit = 1024

    /// Closes the most silent connection of the client who has too many, or of anybody if there are too many in all.
    private func makeRoom(for peer: SocketAddress, _ refusal: ConnectionLimit.Refusal) -> Bool {
        guard refusal == .client, case .ip(let address, _) = peer else {
            return evict(from: nil, silentFor: Self.strangerSilenceNanoseconds)
        }
        return evict(from: ClientPrefix(address), silentFor: Self.ownSilenceNanoseconds)
    }

    /// Whoever keeps this worker waiting for longest has to go; a slow attack thus takes places from itself alone.
    @discardableResult
    private func evict(from client: ClientPrefix?, silentFor least: UInt64) -> Bool {
        var victim: Connection?
        var longest = least
        for connection in connections.values.prefix(Self.evictionSearchLimit) {
            guard let silence = connection.silenceNanoseconds, silence >= longest,
                client == nil || connection.client == client
            else { continue }
            victim = connection
            longest = silence
        }
        guard let victim else { return false }
        victim.close()
        counters.connectionsEvicted.add(1, ordering: .relaxed)
        return true
    }

    /// What this worker leaves undone at the moment.
    var overloadLevel: OverloadLevel { overload.level }

    private func measureLoad() {
        if index == 0 { shared.memoryPermille.store(shared.memory.permille, ordering: .relaxed) }
        let before = overload.level
        let delay = reactor.queueDelayNanoseconds
        overload.measure(
            memoryPermille: shared.memoryPermille.load(ordering: .relaxed),
            delayNanoseconds: delay
        )
        reactor.probeQueue()
        counters.queueDelayNanoseconds.store(delay, ordering: .relaxed)
        counters.overloadLevel.store(overload.level.rawValue, ordering: .relaxed)
        if overload.level >= .smallBuffers {
            reactor.buffers.trim()
            outputs.trim()
            if index == 0 { MemoryUse.trim() }
        }
        guard overload.level != before else { return }
        log.warning("load", ["level": "\(overload.level)", "worker": "\(index)"])
    }

    private func serve(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = connection
        counters.connectionsOpen.add(1, ordering: .relaxed)
        reactor.spawn(with: connection) { await self.attend(to: $0) }
    }

    /// Serves a connection until it ends or sleeps; a sleeping one has no task.
    private func attend(to connection: Connection) async {
        if let deadline = await connection.serve() {
            counters.connectionsAsleep.add(1, ordering: .relaxed)
            return connection.sleep(until: deadline) { connection, wake in
                self.counters.connectionsAsleep.subtract(1, ordering: .relaxed)
                if connection.goesOn(after: wake) { return await self.attend(to: connection) }
                connection.close()
                self.forget(connection)
            }
        }
        forget(connection)
    }

    private func forget(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
        counters.connectionsOpen.subtract(1, ordering: .relaxed)
    }

    func nextRequestID() -> RequestID { ids.next() }

    /// Counts and logs a finished exchange.
    func account(_ exchange: Exchange, status: Int) {
        let now = Instant.current()
        counters.countRequest(
            status: status,
            nanoseconds: now.nanoseconds(since: exchange.startedAt)
        )
        accessLog.write(exchange, status: status, at: now)
    }

    /// Counts and logs a request whose head could not be read.
    func accountRefused(_ exchange: Exchange, _ failure: Failure) {
        counters.countRequest(status: failure.status, nanoseconds: 0)
        accessLog.writeRefused(exchange, failure: failure, at: reactor.now)
    }

    // MARK: Housekeeping

    /// Opens the operators' listener; one worker serves it.
    func bindAdmin(_ address: Address, _ inherited: InheritedSockets? = nil) throws(SystemError) {
        for address in ServerAddresses.resolve(address) {
            let share = inherited?.take(address, worker: 0, of: 1) ?? []
            for descriptor in share {
                admin.append(try ListeningSocket(descriptor: descriptor, at: address, on: reactor))
            }
            if share.isEmpty { admin.append(try ListeningSocket(address, on: reactor)) }
        }
    }

    private func acceptAdmin(from socket: ListeningSocket) async {
        while true {
            do throws(SystemError) {
                guard let (stream, _) = try await socket.accept() else { return }
                reactor.spawn(with: stream) {
                    await AdminServer(shared: self.shared, reactor: self.reactor).serve($0)
                }
            } catch {
                await reactor.sleep(for: .milliseconds(100))
            }
        }
    }

    /// Gives the log lines gathered so far to the thread that writes them.
    func handOverLogs() { accessLog.handOver() }

    /// Takes no new connection, and ends the idle ones; the others end with their present request.
    ///
    /// With a successor idle ones stay, since a request may be on its way on each: it is still answered, as the last.
    func beginDraining() {
        run { worker in
            let isHandedOver = worker.shared.isHandedOver
            for (_, socket) in worker.listeners { socket.close(isHandedOver: isHandedOver) }
            for socket in worker.admin where isHandedOver { socket.close(isHandedOver: true) }
            for connection in worker.connections.values {
                connection.beginDraining(keepsIdle: isHandedOver)
            }
        }
    }

    /// Ends the connections that wait for a request.
    func closeIdle() {
        for connection in connections.values { connection.beginDraining() }
    }

    /// Whether connections end as soon as they have nothing to answer.
    var endsIdle: Bool { shared.isDraining && !shared.isHandedOver }

    /// A few times a second: logs to their thread, figures to their readers, old upstream connections closed.
    private func tick() async {
        var turn = 0
        while true {
            await reactor.sleep(for: .milliseconds(250))
            turn += 1
            accessLog.handOver()
            measureLoad()
            beat()
            counters.longestTurnNanoseconds.store(reactor.takeLongestTurn(), ordering: .relaxed)
            // An old configuration is let go of even if no request asks for the new one.
            _ = pipeline()
            if turn % 8 == 0 { for pool in pools { pool.sweep() } }
            guard index == 0 else { continue }
            startHealthChecks()
            if turn % 240 == 0 { _ = shared.cache.sweep(now: date.seconds) }
        }
    }

    /// Lets time pass in the waiting rooms. One worker does it for all.
    private func tickRooms() async {
        while true {
            let isBusy = overloadLevel >= .newcomersWait
            for room in pipeline().snapshot.rooms {
                await room.room.tick(isBusy: isBusy, isEnding: isDraining)
            }
            await reactor.sleep(for: .milliseconds(50))
        }
    }

    private func startHealthChecks() {
        let snapshot = pipeline().snapshot
        guard snapshot.generation != checkedGeneration else { return }
        checkedGeneration = snapshot.generation
        for upstream in snapshot.upstreams {
            guard upstream.configuration.health.path != nil else {
                for server in upstream.servers { server.setHealthy(true) }
                continue
            }
            reactor.spawn { [self] in
                let checker = HealthChecker(upstream: upstream, reactor: reactor, log: log)
                await checker.run { [shared] in
                    shared.generation == snapshot.generation && !shared.isDraining
                }
            }
        }
    }
}

extension Address {
    /// The port; nil for a path in the file system.
    var port: UInt16? {
        switch self {
        case .ip(_, let port), .name(_, let port): port
        case .unix: nil
        }
    }
}
