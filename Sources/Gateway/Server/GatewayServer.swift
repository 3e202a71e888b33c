import Glibc
import Logging
import Rules
import Synchronization
import Transport

/// The running gateway: workers, and the main thread that waits for signals.
///
/// SIGHUP reloads the configuration, SIGUSR1 reopens the logs, SIGUSR2 starts the program anew with the same
/// sockets and stops when that one is ready, SIGTERM and SIGINT stop after the requests in flight.
struct GatewayServer {
    private let shared: SharedState
    private let workers: [Worker]
    private let log: ServiceLog
    private let reload: () throws -> ConfigurationSource.Loaded

    /// Runs until a signal says to stop.
    ///
    /// - Parameter reload: reads the configuration again; throws a `ProblemReport` if it is not valid.
    /// - Throws: `SnapshotError` or `SystemError` if the gateway cannot start: a file that cannot be loaded, a
    ///   port in use.
    static func run(
        _ configuration: Configuration,
        reload: @escaping () throws -> ConfigurationSource.Loaded
    ) throws {
        // Threads inherit the mask, so that signals come to this thread alone.
        let signals = SignalSet([SIGHUP, SIGUSR1, SIGUSR2, SIGTERM, SIGINT])
        signals.block()
        // A log or a predecessor that has gone away must not take the gateway with it.
        SignalSet([SIGPIPE]).block()
        FileLimit.raise()
        _ = Successor.program
        let inherited = InheritedSockets()
        let server = try GatewayServer(configuration, inherited, reload: reload)
        try server.start()
        inherited.tellReady()
        server.waitForSignals(signals)
        server.drain()
    }

    private init(
        _ configuration: Configuration,
        _ inherited: InheritedSockets,
        reload: @escaping () throws -> ConfigurationSource.Loaded
    ) throws {
        let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        let count = configuration.workers > 0 ? configuration.workers : max(1, cores)
        self.reload = reload
        let log = ServiceLog(level: configuration.log.level)
        let shared = try SharedState(
            configuration,
            workerCount: count,
            predecessor: inherited.predecessor.map(SuccessionLink.init)
        )
        if FileLimit.connections < configuration.limits.connectionCount {
            log.warning(
                "the system's limit of open files allows fewer connections than limits.connections",
                ["connections": "\(FileLimit.connections)"]
            )
        }
        let snapshot = try Snapshot(configuration, generation: 1, shared: shared)
        shared.publish(snapshot)
        let workers = try (0..<count).map {
            try Worker(index: $0, shared: shared, snapshot: snapshot, log: log)
        }
        try Self.refuseTakenAddresses(of: configuration, inherited)
        for worker in workers { try worker.bind(configuration.listeners, inherited) }
        if let address = configuration.admin.address {
            try workers.first?.bindAdmin(address, inherited)
        }
        inherited.closeRest()
        if let user = configuration.user { try Self.become(user, configuration) }
        Privileges.refuseMore()
        self.shared = shared
        self.workers = workers
        self.log = log
    }

    /// Workers share an address with each other (`SO_REUSEPORT`), and so would a second gateway of the same user, which
    /// would quietly take half of the visitors. It is told now.
    private static func refuseTakenAddresses(
        of configuration: Configuration,
        _ inherited: InheritedSockets
    ) throws {
        let addresses =
            configuration.listeners.map(\.address)
            + (configuration.admin.address.map { [$0] } ?? [])
        for address in addresses {
            for address in ServerAddresses.resolve(address) where !inherited.contains(address) {
                try ListeningSocket.refuseIfTaken(address)
            }
        }
    }

    /// Becomes the user, who has to be able to write what must survive a restart.
    private static func become(_ user: String, _ configuration: Configuration) throws {
        try Privileges.become(user)
        let isKept = configuration.rooms.contains { $0.store == .memory }
        guard isKept, let directory = configuration.stateDirectory,
            !StateFile.isWritable(directory)
        else { return }
        throw SnapshotError(problems: ["state: \(user) cannot write to \(directory)"])
    }

    private func start() throws(SystemError) {
        for worker in workers { try worker.start() }
        let sockets = workers.flatMap(\.listeningDescriptors)
        shared.supervisor.notify("FDSTORE=1\nFDNAME=haniel", descriptors: sockets)
        shared.supervisor.notify("READY=1\nMAINPID=\(getpid())")
        let addresses =
            shared.snapshot?.configuration.listeners.map(\.address.text).joined(separator: " ")
            ?? ""
        log.notice(
            "ready",
            [
                "listeners": addresses, "workers": "\(workers.count)",
                "rules": "\(shared.snapshot?.rules?.ruleCount ?? 0)",
            ]
        )
    }

    private func waitForSignals(_ signals: SignalSet) {
        // What making a configuration took goes back, and with it what the one before held once its requests are over.
        let delaySeconds = 5
        var trimsAfterSeconds: Int? = delaySeconds
        while true {
            switch signals.wait(atMost: trimsAfterSeconds) {
            case SIGHUP:
                let now = Instant.current().nanoseconds / 1000
                shared.supervisor.notify("RELOADING=1\nMONOTONIC_USEC=\(now)")
                applyReload()
                shared.supervisor.notify("READY=1")
                trimsAfterSeconds = delaySeconds
            case 0 where trimsAfterSeconds != nil:
                MemoryUse.trim()
                trimsAfterSeconds = nil
            case SIGUSR2: startSuccessor()
            case SIGUSR1:
                shared.accessLog?.reopen()
                shared.securityLog?.reopen()
            case SIGTERM, SIGINT: return
            default: continue
            }
        }
    }

    /// Starts the program that stands where this one came from; until it is ready, and if it never is, nothing changes.
    private func startSuccessor() {
        guard let program = Successor.program else {
            return log.error("no way to start a successor")
        }
        guard getpid() != 1 else {
            return log.error(
                "the first process of a container ends it by going: start another container"
            )
        }
        guard shared.rooms.hasSettled else {
            return log.error("the rooms of the process before are still on their way: try again")
        }
        guard !shared.rooms.isHandingOver.exchange(true, ordering: .relaxed) else {
            return log.error("a successor is on its way already")
        }
        guard let succession = shared.rooms.openSuccession() else {
            shared.rooms.isHandingOver.store(false, ordering: .relaxed)
            return log.error("no descriptors left to hand the rooms over")
        }
        let sockets = workers.flatMap(\.listeningDescriptors)
        do throws(SystemError) {
            try Thread.start { [shared, log] in
                Self.bringUp(program, succession, sockets: sockets, shared, log)
            }
        } catch {
            close(succession.other)
            shared.rooms.isHandingOver.store(false, ordering: .relaxed)
            log.error("no successor", ["error": error.description])
        }
    }

    /// Starts the successor, waits until it is ready, and leaves it the rest. On a thread of its own.
    private static func bringUp(
        _ program: String,
        _ succession: (link: SuccessionLink, other: Int32),
        sockets: [Int32],
        _ shared: SharedState,
        _ log: ServiceLog
    ) {
        let successor: Successor
        do throws(SystemError) {
            defer { close(succession.other) }
            successor = try Successor.start(
                program,
                arguments,
                sockets: sockets + [succession.other]
            )
        } catch {
            shared.rooms.isHandingOver.store(false, ordering: .relaxed)
            return log.error("no successor", ["error": error.description])
        }
        log.notice("successor started", ["process": "\(successor.processID)"])
        guard successor.waitUntilReady() else {
            shared.rooms.isHandingOver.store(false, ordering: .relaxed)
            return log.error("the successor ended before it was ready; serving goes on here")
        }
        shared.handOver()
        shared.rooms.handOver(to: succession.link)
        kill(getpid(), SIGTERM)
    }

    /// What the process was started with, the program's name first.
    private static var arguments: [String] {
        (TextFile.read("/proc/self/cmdline") ?? "").split(separator: "\0").map(String.init)
    }

    private static let refusal: Logger.Message =
        "reload refused, the old configuration stays in force"

    /// A configuration that cannot be put into force changes nothing; the log says why.
    private func applyReload() {
        // What a rule set took to compile is as large as the set itself.
        defer { MemoryUse.trim() }
        do {
            let loaded = try reload()
            log.report(loaded.warnings, "the configuration is odd")
            let configuration = loaded.configuration
            let old = shared.snapshot?.configuration
            let snapshot = try Snapshot(
                configuration,
                generation: shared.generation + 1,
                shared: shared
            )
            shared.publish(snapshot)
            if let old { warnOfRestart(from: old, to: configuration) }
            shared.reloads.note(true)
            log.notice("reloaded", ["generation": "\(snapshot.generation)"])
        } catch let report as ProblemReport {
            shared.reloads.note(false)
            log.report(report, Self.refusal)
        } catch let error as SnapshotError {
            shared.reloads.note(false)
            for problem in error.problems { log.error(Self.refusal, ["problem": problem]) }
        } catch {
            shared.reloads.note(false)
            log.error(Self.refusal, ["problem": "\(error)"])
        }
    }

    /// Some things are made once, at start; a reload that changes them says so instead of seeming to.
    private func warnOfRestart(from old: Configuration, to new: Configuration) {
        let differences = [
            ("workers", old.workers != new.workers),
            ("listeners", old.listeners != new.listeners),
            ("admin.address", old.admin.address != new.admin.address),
            ("limits.memory", old.limits.memoryBytes != new.limits.memoryBytes),
            ("limits.connections", old.limits.connectionCount != new.limits.connectionCount),
            (
                "limits.connections_per_client",
                old.limits.connectionsPerClient != new.limits.connectionsPerClient
            ),
            ("cache", old.cache != new.cache),
            ("redis", old.redis != new.redis),
            ("rules.collections", old.rules.collections != new.rules.collections),
            (
                "log",
                old.log.access != new.log.access || old.log.waf != new.log.waf
                    || old.log.level != new.log.level
            ),
            ("state", old.state != new.state),
            ("user", old.user != new.user),
        ]
        let keys = differences.filter(\.1).map(\.0)
        guard !keys.isEmpty else { return }
        log.warning(
            "changed, but in force only after a restart, which SIGUSR2 makes without losing a connection",
            ["keys": keys.joined(separator: " ")]
        )
    }

    /// Lets requests in flight finish, up to the drain time, then returns.
    private func drain() {
        log.notice("stopping")
        if !shared.isHandedOver { shared.supervisor.notify("STOPPING=1") }
        shared.beginDraining()
        for worker in workers { worker.beginDraining() }
        let span = shared.snapshot?.configuration.timeouts.drain ?? .seconds(30)
        let deadline = Instant.current().advanced(by: span)
        while shared.counters.contains(where: \.isBusy), Instant.current() < deadline {
            usleep(20_000)
        }
        for worker in workers { worker.run { $0.closeIdle() } }
        for worker in workers { worker.run { $0.handOverLogs() } }
        usleep(20_000)
        shared.accessLog?.drain()
        shared.securityLog?.drain()
        log.notice("stopped")
    }
}
