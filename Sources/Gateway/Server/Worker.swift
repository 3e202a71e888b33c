import HTTP
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

    let log: ServiceLog
    private let accessLog: AccessLog
    private let resources: PipelineResources
    private var ids = RequestIDSource()
    private var listeners: [(Configuration.Listener, ListeningSocket)] = []
    private var admin: [ListeningSocket] = []
    private var pools: [UpstreamPool]
    private var present: Pipeline
    lazy private(set) var acceptor = Acceptor(for: self)
    private lazy var housekeeping = Housekeeping(of: self)

    init(index: Int, shared: SharedState, snapshot: Snapshot, log: ServiceLog) throws(SystemError) {
        self.index = index
        self.shared = shared
        self.log = log
        reactor = try Reactor()
        counters = shared.counters[index]
        accessLog = AccessLog(file: shared.accessLog, date: date)
        tlsPort = snapshot.configuration.listeners.first { $0.tls }?.address.port ?? 443
        pools = snapshot.upstreams.map { [reactor, outputs] in
            UpstreamPool($0, on: reactor, through: outputs)
        }
        resources = PipelineResources(
            reactor: reactor,
            shared: shared,
            counters: counters,
            outputs: outputs,
            securityLog: SecurityLog(file: shared.securityLog, date: date),
            sessionNews: shared.redis.map { [reactor] in
                SessionNews($0.configuration, reactor: reactor, log: log)
            },
            date: date
        )
        present = Pipeline(snapshot, pools: pools, of: resources)
    }

    // MARK: Listening

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

    /// The listening sockets, for another process. They do not change after `start`.
    var listeningDescriptors: [Int32] {
        listeners.map { $0.1.descriptor } + admin.map(\.descriptor)
    }

    /// Starts the thread and accepts connections.
    func start() throws(SystemError) {
        try reactor.start()
        reactor.spawn { [self] in
            for listener in listeners {
                reactor.spawn(with: listener) { await self.acceptor.accept(at: $0.0, from: $0.1) }
            }
            for socket in admin { reactor.spawn(with: socket) { await self.acceptAdmin(from: $0) } }
            if index == 0 { housekeepForAll() }
            await housekeeping.run()
        }
    }

    private func housekeepForAll() {
        reactor.spawn { [self] in await housekeeping.tickRooms() }
        reactor.spawn { [self] in await TicketRotation(shared: shared).run(on: reactor) }
        guard let exchange = shared.collectionExchange else { return }
        reactor.spawn { [self] in await exchange.run(on: reactor) }
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
        present = Pipeline(snapshot, pools: pools, of: resources)
    }

    /// Closes connections to servers that nothing has used for a while.
    func sweepPools() { for pool in pools { pool.sweep() } }

    /// What this worker leaves undone at the moment.
    var overloadLevel: OverloadLevel { housekeeping.overloadLevel }

    // MARK: Accounts

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

    /// Gives the log lines gathered so far to the thread that writes them.
    func handOverLogs() { accessLog.handOver() }

    // MARK: Ending

    /// Takes no new connection, and ends the idle ones; the others end with their present request.
    ///
    /// With a successor idle ones stay, since a request may be on its way on each: it is still answered, as the last.
    func beginDraining() {
        run { worker in
            let isHandedOver = worker.shared.isHandedOver
            for (_, socket) in worker.listeners { socket.close(isHandedOver: isHandedOver) }
            for socket in worker.admin where isHandedOver { socket.close(isHandedOver: true) }
            worker.acceptor.beginDraining(keepsIdle: isHandedOver)
        }
    }

    /// Ends the connections that wait for a request.
    func closeIdle() { acceptor.beginDraining(keepsIdle: false) }

    /// Whether connections end as soon as they have nothing to answer.
    var endsIdle: Bool { shared.isDraining && !shared.isHandedOver }
}
