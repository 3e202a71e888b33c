import Transport

/// What the pipelines of a worker share, one configuration after the other.
struct PipelineResources {
    let reactor: Reactor
    let shared: SharedState
    let counters: WorkerCounters
    let outputs: OutputPool
    let securityLog: SecurityLog
    /// Nil without a Redis.
    let sessionNews: SessionNews?
    let date: DateField
}

extension Pipeline {
    /// The stages of a worker under a configuration.
    convenience init(_ snapshot: Snapshot, pools: [UpstreamPool], of worker: PipelineResources) {
        self.init(
            snapshot: snapshot,
            limits: LimitStage(
                limiter: worker.shared.rateLimiter,
                leases: worker.shared.limitLeases,
                reactor: worker.reactor,
                counters: worker.counters
            ),
            inspection: InspectionStage(
                snapshot,
                collections: worker.shared.collections,
                log: worker.securityLog,
                counters: worker.counters
            ),
            sessions: SessionStage(
                snapshot.sessionPolicy,
                lookup: SessionLookup(pools: pools, redis: worker.shared.redis),
                news: worker.sessionNews,
                reactor: worker.reactor,
                date: worker.date
            ),
            waitingRoom: WaitingRoomStage(
                rooms: snapshot.rooms,
                stamps: AdmissionStamps(snapshot.sessionPolicy?.assertionKey, date: worker.date),
                connections: worker.shared.parkedConnections
            ),
            cache: CacheStage(cache: worker.shared.cache, date: worker.date),
            local: LocalStage(),
            upstream: UpstreamStage(
                pools: pools,
                reactor: worker.reactor,
                outputs: worker.outputs,
                tunnels: TunnelPolicy(
                    snapshot,
                    workerCount: worker.shared.counters.count,
                    counters: worker.counters
                )
            )
        )
    }
}
