import Logging
import Synchronization
import Transport

/// What a worker does a few times a second beside serving. The first worker does more, for all of them.
///
/// Confined to its worker, which owns it.
final class Housekeeping {
    private unowned let worker: Worker
    private var overload = OverloadMeter()
    private var checkedGeneration = 0
    private var lostLineCounts: [String: Int] = [:]

    init(of worker: Worker) { self.worker = worker }

    private var reactor: Reactor { worker.reactor }
    private var shared: SharedState { worker.shared }
    private var counters: WorkerCounters { worker.counters }
    private var log: ServiceLog { worker.log }
    private var isFirst: Bool { worker.index == 0 }

    /// What the worker leaves undone at the moment.
    var overloadLevel: OverloadLevel { overload.level }

    /// Gives logs to their thread and figures to their readers, and closes old connections to servers.
    func run() async {
        var turn = 0
        while true {
            await reactor.sleep(for: .milliseconds(250))
            turn += 1
            worker.handOverLogs()
            measureLoad()
            beat()
            counters.longestTurnNanoseconds.store(reactor.takeLongestTurn(), ordering: .relaxed)
            // An old configuration is let go of even if no request asks for the new one.
            _ = worker.pipeline()
            if turn % 8 == 0 { worker.sweepPools() }
            guard isFirst else { continue }
            startHealthChecks()
            if turn % 40 == 0 { reportLostLines() }
            if turn % 240 == 0 { _ = shared.cache.sweep(now: worker.date.seconds) }
        }
    }

    /// Lets time pass in the waiting rooms, for all workers.
    func tickRooms() async {
        while true {
            let isBusy = overloadLevel >= .newcomersWait
            for room in worker.pipeline().snapshot.rooms {
                await room.room.tick(isBusy: isBusy, isEnding: worker.isDraining)
            }
            await reactor.sleep(for: .milliseconds(50))
        }
    }

    private func startHealthChecks() {
        let snapshot = worker.pipeline().snapshot
        guard snapshot.generation != checkedGeneration else { return }
        checkedGeneration = snapshot.generation
        for upstream in snapshot.upstreams {
            guard upstream.configuration.health.path != nil else {
                for server in upstream.servers { server.setHealthy(true) }
                continue
            }
            reactor.spawn { [reactor, log, shared] in
                let checker = HealthChecker(upstream: upstream, reactor: reactor, log: log)
                await checker.run {
                    shared.generation == snapshot.generation && !shared.isDraining
                }
            }
        }
    }

    /// Says which log has lost lines since it was last looked at, and why.
    private func reportLostLines() {
        for file in [shared.accessLog, shared.securityLog].compactMap(\.self) {
            let (name, count) = (file.path ?? "standard output", file.droppedBufferCount)
            guard count > lostLineCounts.updateValue(count, forKey: name) ?? 0 else { continue }
            let reason = file.lastFailure?.description ?? "more than its disk can take"
            log.error("lines of a log are lost", ["file": name, "error": reason])
        }
    }

    private func measureLoad() {
        if isFirst { shared.memoryPermille.store(shared.memory.permille, ordering: .relaxed) }
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
            worker.outputs.trim()
            worker.pipeline().inspection.trim()
            if isFirst { MemoryUse.trim() }
        }
        guard overload.level != before else { return }
        log.warning("load", ["level": "\(overload.level)", "worker": "\(worker.index)"])
    }

    /// Shows that the worker is alive; the first one tells the supervisor when all are.
    private func beat() {
        counters.lastBeat.store(reactor.now.nanoseconds, ordering: .relaxed)
        guard isFirst, let interval = shared.supervisor.watchdogNanoseconds else { return }
        let oldest = shared.counters.map { $0.lastBeat.load(ordering: .relaxed) }.min() ?? 0
        guard reactor.now.nanoseconds(since: Instant(nanoseconds: oldest)) < interval / 2 else {
            return
        }
        shared.supervisor.notify("WATCHDOG=1")
    }
}
