import Redis
import Synchronization
import Testing

@testable import Gateway

/// One random history in which a gateway is cut off from a Redis that another goes on with: the sessions that the one
/// lets go on, and those whose slots the other keeps.
private struct CutHistory {
    private struct Visitor {
        let session: SessionID
        /// Which gateway it came through last while both could be reached.
        var home = 0
        var signedUntil: Int64 = 0
        /// The end that Redis knew of.
        var knownUntil: Int64 = 0
        var nextAt: Int64 = 0
        var isOut = false
    }

    private let redis: RedisServer
    private let line: CutRedis
    private let stores: [RedisQueueStore]
    private let rules: QueueRules
    private var random: SeededGenerator
    private var now: Int64
    private var visitors: [Visitor] = []
    private(set) var violations: [String] = []
    /// Visits at the gateway that was cut off that went on, and those of them after the end that Redis had known of.
    private(set) var visits = 0
    private(set) var lateVisits = 0

    init(redis: RedisServer, line: CutRedis, settings: WaitingRoomSettings, seed: UInt64)
        async throws
    {
        self.redis = redis
        self.line = line
        let rules = QueueRules(settings)
        self.rules = rules
        random = SeededGenerator(seed: seed)
        stores = [Int64(1), 2].map { node in
            RedisQueueStore(
                settings: settings,
                redis: node == 1 ? line : redis,
                node: node,
                rules: rules
            ) { _ in await Task.yield() }
        }
        now = try await RedisQueueStoreTests().stopTime(redis, stores)
    }

    mutating func play() async throws {
        for _ in 0..<20 { try await pass() }
        for _ in 0..<rules.capacity {
            let joined = try await stores[0].join(aliveUntil: now + 60_000, now: now)
            let place = try #require(joined)
            let session = SessionID(high: 9, low: UInt64(place.position))
            let turn = QueueTurn(place: place, session: session, aliveUntil: now + 60_000)
            guard case .admitted(let until) = try await stores[0].claim(turn, now: now) else {
                violations.append("not admitted")
                return
            }
            visitors.append(Visitor(session: session))
            sign(visitors.count - 1, until: until)
        }
        try await pass(for: Int64(random.next(below: UInt64(rules.sessionMilliseconds))))
        line.isCut.store(true, ordering: .relaxed)
        try await pass(for: rules.sessionMilliseconds + 2 * rules.leaseMilliseconds)
        for visitor in visitors where !visitor.isOut {
            let until = stores[0].extend(visitor.session, until: visitor.signedUntil, now: now)
            if until != nil { violations.append("somebody goes on for ever") }
        }
    }

    private mutating func pass(for milliseconds: Int64) async throws {
        let end = now + milliseconds
        while now < end {
            try await pass()
            for index in visitors.indices where visitors[index].nextAt <= now {
                try await visit(index)
            }
        }
    }

    private mutating func pass() async throws {
        now += Int64(50 + random.next(below: 200))
        _ = redis.command("SET", "clock", "\(now)")
        try await stores[1].tick(now: now)
        try? await stores[0].tick(now: now)
    }

    private mutating func visit(_ index: Int) async throws {
        let isCut = line.isCut.load(ordering: .relaxed)
        let visitor = visitors[index]
        // Some keep asking, some are silent for nearly as long as a session lasts.
        let longest = random.next(below: 2) == 0 ? 1_500 : UInt64(rules.sessionMilliseconds)
        visitors[index].nextAt = now + Int64(random.next(below: longest))
        guard isCut else {
            if random.next(below: 6) == 0 { visitors[index].home = 1 - visitor.home }
            let store = stores[visitors[index].home]
            guard let until = try await store.renew(visitor.session, adopts: false, now: now)
            else {
                visitors[index].isOut = true
                return
            }
            sign(index, until: until)
            return
        }
        guard !visitor.isOut else { return }
        let until = stores[0].extend(visitor.session, until: visitor.signedUntil, now: now)
        guard let until else {
            visitors[index].isOut = true
            return
        }
        visits += 1
        if now > visitor.knownUntil { lateVisits += 1 }
        visitors[index].signedUntil = min(until, now + rules.leaseMilliseconds) - 250
        if !isKept(visitor.session) {
            let silent = now - visitor.knownUntil
            violations.append("inside without a slot, \(silent) ms after the end Redis knew of")
        }
    }

    private mutating func sign(_ index: Int, until: Int64) {
        visitors[index].knownUntil = until
        visitors[index].signedUntil = min(until, now + rules.leaseMilliseconds) - 250
    }

    private func isKept(_ session: SessionID) -> Bool {
        redis.command("ZSCORE", "wr:{shared}:act", session.text) != .null
    }
}

extension RedisQueueStoreTests {
    @Test(arguments: [(10, 10), (12, 10), (14, 10), (20, 4)])
    func `No gateway that is cut off lets a session go on whose slot Redis does not keep`(
        seconds: (session: Int, lease: Int)
    ) async throws {
        var settings = settings(capacity: 12)
        (settings.sessionSeconds, settings.leaseSeconds) = seconds
        var lateVisits = 0
        for seed in 1...6 as ClosedRange<UInt64> {
            let redis = try #require(RedisServer())
            let line = CutRedis(redis)
            var history = try await CutHistory(
                redis: redis,
                line: line,
                settings: settings,
                seed: seed
            )
            try await history.play()
            #expect(history.violations == [], "seed \(seed)")
            #expect(history.visits > 3)
            lateVisits += history.lateVisits
        }
        // Where a lease is hardly longer than what tells a gateway that is cut off, it gains nobody anything.
        #expect(lateVisits > 0 || seconds.lease == 4)
    }
}
