import Redis
import Synchronization

/// A queue that several gateways share: its state lives in Redis, every step is one function call there.
///
/// Polls and requests of known sessions are answered from what this node remembers and cost no command. Joins are bound
/// late: those that arrive within a moment get their numbers together, in the order in which they came.
///
/// Contention: one lock around what is remembered, held for a dictionary access.
///
/// Redis away (fails closed): every call that needs it throws `away`, at once when the last tick has failed.
/// Sessions go on; who comes meanwhile gets a place that is numbered later. When Redis is there again every
/// node tells what it remembers before anybody new is admitted.
final class RedisQueueStore: QueueStore {
    /// Joins that get their numbers with one command.
    static let batchLimit = 256
    static let batchMilliseconds: Int64 = 2
    /// Sessions or places named in one command.
    static let listLimit = 500
    static let markLimit = 20_000
    /// Sessions that end sooner are asked for rather than trusted: two flushes and a slow reply.
    private static let trustMilliseconds: Int64 = 1_000
    /// What was heard longer ago is not trusted, so that a session that left is refused in time.
    private static let freshMilliseconds: Int64 = 350
    /// A slot that was left is free when every gateway has heard of it, and after this long in any case: longer than
    /// what was heard is trusted.
    private static let departureMilliseconds: Int64 = 500
    /// A claim that waits for such a slot is repeated this soon.
    private static let laterMilliseconds: Int64 = 40

    let redis: any RedisCommanding
    let key: [UInt8]
    let room: String
    let node: Int64
    /// What signs tickets where no file says it, kept in Redis for gateways that start later.
    let secret: [UInt8]?
    let pause: @Sendable (Int64) async -> Void
    let memory: Mutex<RedisQueueMemory>

    /// - Parameters:
    ///   - redis: where the room lives.
    ///   - node: names this gateway among those of the room; the same after a restart.
    ///   - secret: signs tickets where no file says it; kept in Redis.
    ///   - rules: what the queue works with; nil for what the settings amount to.
    ///   - pause: suspends the caller for so many milliseconds.
    init(
        settings: WaitingRoomSettings,
        redis: any RedisCommanding,
        node: Int64 = 1,
        secret: [UInt8]? = nil,
        rules: QueueRules? = nil,
        pause: @escaping @Sendable (Int64) async -> Void
    ) {
        self.redis = redis
        self.node = node % ProvisionalPlace.storeNode
        self.secret = secret
        self.pause = pause
        room = settings.name
        var rules = rules ?? QueueRules(settings)
        rules.departureMilliseconds = Self.departureMilliseconds
        memory = Mutex(RedisQueueMemory(rules: rules))
        key = Array("wr:{\(settings.name)}:st".utf8)
    }

    func snapshot() -> QueueSnapshot { memory.withLock { $0.snapshot } }

    func isCurrent(since moment: Int64) -> Bool { memory.withLock { $0.heardAt > moment } }

    var clockOffset: Int64 { memory.withLock { $0.clockOffset } }

    var isShared: Bool { true }

    var nodeCount: Int { memory.withLock { max($0.nodes.count, 1) } }

    var failure: String? { memory.withLock { $0.failure } }

    var foreignOpening: Int64? { memory.withLock { $0.openings.other } }

    var control: RoomControl { memory.withLock { $0.control } }

    func touch(_ session: SessionID, now: Int64) -> SessionStanding {
        memory.withLock { memory in
            guard let known = memory.sessions[session],
                now - max(memory.toldAt, known.askedAt) < Self.freshMilliseconds,
                known.confirmed - Self.trustMilliseconds > now
            else { return .unknown }
            memory.touched.insert(session)
            return .active(untilMilliseconds: known.confirmed)
        }
    }

    func noteAnswer(to session: SessionID, now: Int64) {
        memory.withLock { memory in
            guard let known = memory.sessions[session], known.until > now else { return }
            memory.touched.insert(session)
        }
    }

    func mark(_ position: Int64, aliveUntil: Int64) {
        memory.withLock { memory in
            memory.marks[position] = aliveUntil
            memory.head.mark(position, aliveUntil: aliveUntil, memory.snapshot)
        }
    }

    func claim(_ claim: QueueTurn, now: Int64) async throws(QueueStoreError) -> QueueClaim {
        let aliveUntil = claim.aliveUntil + clockOffset
        let session = Array(claim.session.text.utf8)
        let reply = try await call(
            "claim",
            [
                digits(claim.place.position), session, digits(aliveUntil),
                digits(claim.place.epoch), Array(claim.session.publicDigest.utf8),
                digits(claim.moves), digits(claim.origin.client),
                digits(claim.origin.fingerprint),
            ],
            now: now
        )
        switch reply.code {
        case 1:
            return memory.withLock { memory in
                let until = reply.value - memory.clockOffset
                memory.confirm(claim.session, until: until, now: now)
                memory.claimed[claim.place.position] = now
                return .admitted(untilMilliseconds: until)
            }
        case 2:
            let isDeparture = reply.value <= Self.departureMilliseconds
            return .later(
                milliseconds: isDeparture ? min(reply.value, Self.laterMilliseconds) : reply.value
            )
        case 3: return .spent
        case 4: return .held(admissions: reply.value)
        default: return .waiting
        }
    }

    func invite(_ position: Int64, moves: Int64, invitation: Invitation, now: Int64)
        async throws(QueueStoreError) -> Bool
    {
        let name = Array(invitation.name.utf8)
        return try await call(
            "invite",
            [digits(position), name, digits(Int64(invitation.uses)), digits(moves)],
            now: now
        ).code == 1
    }

    func offer(_ offer: QueueOffer, code: String, now: Int64) async throws(QueueStoreError) -> Bool {
        guard snapshot().covers(epoch: offer.place.epoch) else { return false }
        let arguments = [
            digits(offer.place.position), digits(offer.isInvited ? 1 : 0), digits(offer.moves),
            Array(code.utf8), digits(QueueOffer.milliseconds),
        ]
        return try await call("offer", arguments, now: now).code == 1
    }

    func redeem(_ code: String, now: Int64) async throws(QueueStoreError) -> QueueOffer? {
        let reply = try await reply("redeem", [Array(code.utf8)], isTick: false)
        guard case .array(let parts) = reply, parts.count == 2, let head = RedisQueueReply(parts[0])
        else { throw .away }
        memory.withLock { $0.learn(head, now: now) }
        guard head.code == 1,
            let found = parts[1].array?.compactMap(\.number), found.count == 2
        else { return nil }
        let place = QueuePlace(epoch: head.snapshot.epoch, position: head.value)
        return QueueOffer(place: place, isInvited: found[0] == 1, moves: found[1])
    }

    func renew(_ session: SessionID, adopts: Bool, now: Int64) async throws(QueueStoreError)
        -> Int64?
    {
        guard memory.withLock({ !$0.departures.contains(session) }) else { return nil }
        try await renew([session], adopts: adopts, now: now)
        return memory.withLock { $0.sessions[session]?.confirmed }
    }

    /// Sessions go on while Redis is away: nobody else gets in meanwhile. A session that this node knows goes on to its
    /// end, however long its visitor was silent: nobody had its slot when Redis was heard last.
    ///
    /// Where other gateways may still reach Redis, it goes on for no longer than Redis keeps the slot; and since a
    /// visitor may have left there, one who shows no word of late is believed for a lease only.
    func extend(_ session: SessionID, until: Int64, now: Int64) -> Int64? {
        memory.withLock { memory in
            guard !memory.departures.contains(session) else { return nil }
            let isAlone = memory.nodes.count <= 1
            // If it came through other nodes alone, Redis keeps no slot of it for this one.
            let unknown = RedisQueueMemory.Session(
                confirmed: isAlone ? until : 0,
                until: until,
                askedAt: 0
            )
            let present = memory.sessions[session] ?? unknown
            let lease = memory.rules.leaseMilliseconds
            let last = max(memory.last(of: present), until)
            guard max(present.until, until) > now, isAlone || now < last,
                isAlone || until > now || now < memory.heardAt + lease
            else { return nil }
            let granted = now + memory.rules.sessionMilliseconds
            let end = isAlone ? granted : min(granted, last)
            memory.sessions[session] = RedisQueueMemory.Session(
                confirmed: present.confirmed,
                until: end,
                askedAt: present.askedAt,
                owed: granted
            )
            memory.needsReport = true
            return end
        }
    }

    func leave(_ session: SessionID, now: Int64) async throws(QueueStoreError) {
        memory.withLock { $0.forget(session) }
        do throws(QueueStoreError) {
            _ = try await call("leave", [Array(session.text.utf8)], now: now)
        } catch {
            memory.withLock { $0.departures.note(session, now: now) }
            throw error
        }
    }

    func giveUp(_ position: Int64, moves: Int64, now: Int64) async throws(QueueStoreError) {
        do throws(QueueStoreError) {
            _ = try await call("give_up", [digits(position), digits(moves)], now: now)
        } catch {
            memory.withLock { $0.noteGivenUp(position, moves: moves) }
            throw error
        }
    }

    func configure(_ rules: QueueRules, now: Int64) async throws(QueueStoreError) {
        memory.withLock { memory in
            var rules = rules
            rules.departureMilliseconds = Self.departureMilliseconds
            // What this gateway alone sees is told with each roll call.
            var others = rules
            others.capacityHere = memory.rules.capacityHere
            if others != memory.rules || !memory.isConfigured { memory.needsRules = true }
            memory.rules = rules
            memory.isConfigured = true
        }
    }

    func decide(_ control: RoomControl, now: Int64) async throws(QueueStoreError) {
        try await exchangeControl([Array(control.text.utf8)], now: now)
    }

    func renew(
        _ sessions: [SessionID],
        adopts: Bool,
        now: Int64,
        isTick: Bool = false
    ) async throws(QueueStoreError) {
        let arguments = [digits(adopts ? 1 : 0)] + sessions.map { Array($0.text.utf8) }
        let reply = try await reply("renew", arguments, isTick: isTick)
        guard case .array(let parts) = reply, parts.count == 2,
            let head = RedisQueueReply(parts[0]),
            case .array(let endings) = parts[1], endings.count == sessions.count
        else { throw .away }
        memory.withLock { memory in
            memory.learn(head, now: now)
            for (session, ending) in zip(sessions, endings) {
                if let time = ending.number, time > 0 {
                    memory.confirm(session, until: time - memory.clockOffset, now: now)
                } else {
                    memory.forget(session)
                }
            }
        }
    }

    func call(
        _ name: String,
        _ arguments: [[UInt8]],
        now: Int64,
        isTick: Bool = false
    ) async throws(QueueStoreError) -> RedisQueueReply {
        guard let reply = RedisQueueReply(try await reply(name, arguments, isTick: isTick)) else {
            throw .away
        }
        memory.withLock { $0.learn(reply, now: now) }
        return reply
    }

    /// Calls a function of the room; if the room or the library is not there, or knows too little, mends that once.
    func reply(_ name: String, _ arguments: [[UInt8]], isTick: Bool)
        async throws(QueueStoreError) -> RESPValue
    {
        if !isTick, memory.withLock({ $0.isFailing }) { throw .away }
        // Redis keeps functions over restarts, also those of an older version of this program.
        if memory.withLock({ !$0.hasOpened }) { try await open() }
        var refusal = ""
        for attempt in 0..<2 {
            let known = memory.withLock { $0.snapshot }
            let header = [
                digits(known.epoch), digits(known.tail), Array("\(node)".utf8),
                digits(known.registration.name), digits(known.registration.count),
            ]
            let reply = try await send(function(name) + header + arguments)
            guard case .error(let message) = reply else { return reply }
            refusal = message
            guard attempt == 0, message.contains("STALE") || message.contains("Function not found")
            else { break }
            try await open()
        }
        memory.withLock { $0.lose(refusal) }
        throw .away
    }

    func send(_ arguments: [[UInt8]]) async throws(QueueStoreError) -> RESPValue {
        do {
            return try await redis.command(arguments)
        } catch {
            memory.withLock { $0.lose("\(error)") }
            throw .away
        }
    }

    /// Entries of the log of admissions behind one of that name.
    func entries(after cursor: String, limit: Int) async throws(QueueStoreError) -> RESPValue {
        if memory.withLock({ $0.isFailing || $0.heardAt == 0 }) { return .array([]) }
        let log = Array("wr:{\(room)}:log".utf8)
        let words = ["(" + cursor, "+", "COUNT", "\(limit)"].map { Array($0.utf8) }
        return try await send([Array("XRANGE".utf8), log] + words)
    }

    func function(_ name: String) -> [[UInt8]] {
        ["FCALL", "haniel_room_v3_\(name)", "1"].map { Array($0.utf8) } + [key]
    }

    func digits(_ number: Int64) -> [UInt8] { Array(String(number).utf8) }

    func parts<Element>(of list: [Element], limit: Int) -> [[Element]] {
        stride(from: 0, to: list.count, by: limit).map {
            Array(list[$0..<min($0 + limit, list.count)])
        }
    }

    /// Places and times as words of four bytes: position and time in hundreds of milliseconds, two words each.
    static func packed(_ marks: [(position: Int64, aliveUntil: Int64)]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16 * marks.count)
        for mark in marks {
            for word in [mark.position, (mark.aliveUntil + 99) / 100] {
                let word = UInt64(max(word, 0))
                for shift in stride(from: UInt64(56), through: 0, by: -8) {
                    bytes.append(UInt8(truncatingIfNeeded: word >> shift))
                }
            }
        }
        return bytes
    }
}
