/// What one node remembers of a queue in Redis.
struct RedisQueueMemory {
    /// Somebody whose number is being asked for.
    struct Joiner {
        let aliveUntil: Int64
        let continuation: CheckedContinuation<Result<QueuePlace?, QueueStoreError>?, Never>
    }

    /// What a tick has to tell Redis.
    struct Due {
        var touched: [SessionID] = []
        var marks: [(position: Int64, aliveUntil: Int64)] = []
        var isTick = false
    }

    var snapshot = QueueSnapshot()
    /// Redis' clock less this node's, milliseconds.
    private(set) var clockOffset: Int64 = 0
    /// Sessions by their end, on this node's clock.
    var sessions: [SessionID: Int64] = [:]
    /// Sessions with requests that Redis has not heard of.
    var touched: Set<SessionID> = []
    /// Places seen since the last report, in Redis' time.
    var marks: [Int64: Int64] = [:]
    /// Those who came after the first of the batch that is open.
    var joiners: [Joiner] = []
    /// Whether somebody is gathering a batch.
    var isGathering = false
    private var tickedAt: Int64 = 0
    private var reportedAt: Int64 = 0

    /// Takes over a newer state; replies may overtake one another, so nothing goes back within an epoch.
    mutating func learn(_ reply: RedisQueueReply, now: Int64) {
        clockOffset = reply.nowMilliseconds - now
        guard reply.snapshot.epoch >= snapshot.epoch else { return }
        var next = reply.snapshot
        if next.epoch == snapshot.epoch {
            next.tail = max(next.tail, snapshot.tail)
            next.serving = max(next.serving, snapshot.serving)
        }
        snapshot = next
    }

    /// Takes out what is to be reported now.
    mutating func due(_ now: Int64, tick: Int64, alive: Int64) -> Due {
        var due = Due()
        guard now - tickedAt >= tick || now < tickedAt else { return due }
        tickedAt = now
        due.isTick = true
        due.touched = Array(touched)
        touched = []
        sessions = sessions.filter { $0.value > now }
        if now - reportedAt >= alive || now < reportedAt {
            reportedAt = now
            due.marks = marks.filter { $0.key > snapshot.serving }
                .map { (position: $0.key, aliveUntil: $0.value + clockOffset) }
            marks = [:]
        }
        return due
    }
}
