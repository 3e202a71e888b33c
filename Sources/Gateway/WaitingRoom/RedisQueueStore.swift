import Redis
import Synchronization

/// A queue that several gateways share: its state lives in Redis, every step is one function call there.
///
/// Polls and requests of known sessions are answered from what this node remembers and cost no command. Joins are bound
/// late: those that arrive within a moment get their numbers together, in the order in which they came.
///
/// Contention: one lock around what is remembered, held for a dictionary access.
///
/// Redis away (fails closed): every call that needs it throws `away`; sessions known here go on until their end.
final class RedisQueueStore: QueueStore {
    /// Joins that get their numbers with one command.
    private static let batchLimit = 256
    private static let batchMilliseconds: Int64 = 2
    /// Positions or sessions named in one command.
    private static let listLimit = 500
    /// Sessions that end sooner are asked for rather than trusted: two flushes and a slow reply.
    private static let trustMilliseconds: Int64 = 1_000
    private static let tickMilliseconds: Int64 = 200
    private static let aliveMilliseconds: Int64 = 1_000

    private let redis: any RedisCommanding
    private let key: [UInt8]
    private let rules: QueueRules
    private let pause: @Sendable (Int64) async -> Void
    private let memory = Mutex(RedisQueueMemory())

    /// - Parameters:
    ///   - redis: where the room lives.
    ///   - pause: suspends the caller for so many milliseconds.
    init(
        settings: WaitingRoomSettings,
        redis: any RedisCommanding,
        pause: @escaping @Sendable (Int64) async -> Void
    ) {
        self.redis = redis
        self.pause = pause
        rules = QueueRules(settings)
        key = Array("wr:{\(settings.name)}:st".utf8)
    }

    func snapshot() -> QueueSnapshot { memory.withLock { $0.snapshot } }

    func touch(_ session: SessionID, now: Int64) -> SessionStanding {
        memory.withLock { memory in
            guard let until = memory.sessions[session], until - Self.trustMilliseconds > now else {
                return .unknown
            }
            memory.touched.insert(session)
            return .active(untilMilliseconds: until)
        }
    }

    func mark(_ position: Int64, aliveUntil: Int64) {
        memory.withLock { $0.marks[position] = aliveUntil }
    }

    func join(aliveUntil: Int64, now: Int64) async throws(QueueStoreError) -> QueuePlace? {
        while !startsBatch() {
            // Nil if the batch was closed before this one could be added: then it may open the next.
            if let answer = await follow(aliveUntil) { return try answer.get() }
        }
        // The first of a batch waits for those that come with it, then asks for all of them.
        await pause(Self.batchMilliseconds)
        let joiners = memory.withLock { memory in
            defer {
                memory.joiners = []
                memory.isGathering = false
            }
            return memory.joiners
        }
        return try await number(joiners, first: aliveUntil, now: now + Self.batchMilliseconds).get()
    }

    private func startsBatch() -> Bool {
        memory.withLock { memory in
            defer { memory.isGathering = true }
            return !memory.isGathering
        }
    }

    private func follow(_ aliveUntil: Int64) async -> Result<QueuePlace?, QueueStoreError>? {
        await withCheckedContinuation { continuation in
            let joiner = RedisQueueMemory.Joiner(aliveUntil: aliveUntil, continuation: continuation)
            let isAdded = memory.withLock { memory in
                if memory.isGathering { memory.joiners.append(joiner) }
                return memory.isGathering
            }
            if !isAdded { continuation.resume(returning: nil) }
        }
    }

    func claim(_ claim: QueueTurn, now: Int64) async throws(QueueStoreError) -> QueueClaim {
        let aliveUntil = claim.aliveUntil + memory.withLock { $0.clockOffset }
        let session = Array(claim.session.text.utf8)
        let reply = try await call(
            "claim",
            [digits(claim.place.position), session, digits(aliveUntil), digits(claim.place.epoch)],
            now: now
        )
        switch reply.code {
        case 1:
            let until = reply.value - memory.withLock { $0.clockOffset }
            memory.withLock { $0.sessions[claim.session] = until }
            return .admitted(untilMilliseconds: until)
        case 2: return .later(milliseconds: reply.value)
        case 3: return .spent
        default: return .waiting
        }
    }

    func renew(_ session: SessionID, now: Int64) async throws(QueueStoreError) -> Int64? {
        try await renew([session], now: now)
        return memory.withLock { $0.sessions[session] }
    }

    func leave(_ session: SessionID, now: Int64) async throws(QueueStoreError) {
        memory.withLock { memory in
            memory.sessions[session] = nil
            memory.touched.remove(session)
        }
        _ = try await call("leave", [Array(session.text.utf8)], now: now)
    }

    func giveUp(_ position: Int64, now: Int64) async throws(QueueStoreError) {
        _ = try await call("give_up", [digits(position)], now: now)
    }

    /// Brings Redis up to date with what was seen here, and this node with the room.
    func tick(now: Int64) async throws(QueueStoreError) {
        let due = memory.withLock {
            $0.due(now, tick: Self.tickMilliseconds, alive: Self.aliveMilliseconds)
        }
        for start in stride(from: 0, to: due.touched.count, by: Self.listLimit) {
            let touched = due.touched[start..<min(start + Self.listLimit, due.touched.count)]
            try await renew(Array(touched), now: now)
        }
        for start in stride(from: 0, to: due.marks.count, by: Self.listLimit) {
            let marks = due.marks[start..<min(start + Self.listLimit, due.marks.count)]
            _ = try await call(
                "alive",
                marks.flatMap { [digits($0.position), digits($0.aliveUntil)] },
                now: now
            )
        }
        if due.isTick { _ = try await call("tick", [], now: now) }
    }

    /// Loads the functions and makes the room, or mends it if Redis knows less than this node remembers.
    func open() async throws(QueueStoreError) {
        guard
            case .bulk = try await send(
                ["FUNCTION", "LOAD", "REPLACE"].map { Array($0.utf8) } + [Self.library]
            )
        else {
            throw .away
        }
        let known = memory.withLock { $0.snapshot }
        let gap: Int64 = 100_000
        let numbers = [
            known.epoch, known.tail, known.serving, gap, rules.capacity, rules.unitsPerMillisecond,
            rules.burst,
            rules.sessionMilliseconds, rules.graceMilliseconds, rules.queueLimit,
            rules.isAdmitting ? 1 : 0,
            rules.departureMilliseconds, rules.reservationMilliseconds, rules.retryMilliseconds,
            rules.passLimit,
        ]
        let reply = try await send(function("open") + numbers.map(digits))
        guard case .integer = reply else { throw .away }
    }

    private static let library = RedisQueueFunctions.library()

    /// Numbers a batch; those beyond the line's limit get none.
    private func number(
        _ joiners: [RedisQueueMemory.Joiner],
        first: Int64,
        now: Int64
    ) async -> Result<QueuePlace?, QueueStoreError> {
        var answers: [Result<QueuePlace?, QueueStoreError>] = []
        let times = [first] + joiners.map(\.aliveUntil)
        for start in stride(from: 0, to: times.count, by: Self.batchLimit) {
            let batch = times[start..<min(start + Self.batchLimit, times.count)]
            do throws(QueueStoreError) {
                let aliveUntil = (batch.max() ?? first) + memory.withLock { $0.clockOffset }
                let reply = try await call(
                    "join",
                    [digits(Int64(batch.count)), digits(aliveUntil)],
                    now: now
                )
                answers += (0..<Int64(batch.count)).map { index in
                    let place = QueuePlace(
                        epoch: reply.snapshot.epoch,
                        position: reply.value + index
                    )
                    return .success(index < reply.code ? place : nil)
                }
            } catch {
                answers += batch.map { _ in .failure(error) }
            }
        }
        for (joiner, answer) in zip(joiners, answers.dropFirst()) {
            joiner.continuation.resume(returning: answer)
        }
        return answers.first ?? .failure(.away)
    }

    private func renew(_ sessions: [SessionID], now: Int64) async throws(QueueStoreError) {
        let arguments = [digits(1)] + sessions.map { Array($0.text.utf8) }
        let reply = try await reply("renew", arguments)
        guard case .array(let parts) = reply, parts.count == 2,
            let head = RedisQueueReply(parts[0]),
            case .array(let endings) = parts[1], endings.count == sessions.count
        else { throw .away }
        memory.withLock { memory in
            memory.learn(head, now: now)
            for (session, ending) in zip(sessions, endings) {
                if case .integer(let time) = ending, time > 0 {
                    memory.sessions[session] = time - memory.clockOffset
                } else {
                    memory.sessions[session] = nil
                }
            }
        }
    }

    private func call(
        _ name: String,
        _ arguments: [[UInt8]],
        now: Int64
    ) async throws(QueueStoreError) -> RedisQueueReply {
        guard let reply = RedisQueueReply(try await reply(name, arguments)) else { throw .away }
        memory.withLock { $0.learn(reply, now: now) }
        return reply
    }

    /// Calls a function of the room; if the room or the library is not there, or knows too little, mends that once.
    private func reply(_ name: String, _ arguments: [[UInt8]]) async throws(QueueStoreError)
        -> RESPValue
    {
        for attempt in 0..<2 {
            let known = memory.withLock { $0.snapshot }
            let reply = try await send(
                function(name) + [digits(known.epoch), digits(known.tail)] + arguments
            )
            guard case .error(let message) = reply else { return reply }
            guard attempt == 0, message.contains("STALE") || message.contains("Function not found")
            else { throw .away }
            try await open()
        }
        throw .away
    }

    private func send(_ arguments: [[UInt8]]) async throws(QueueStoreError) -> RESPValue {
        do {
            return try await redis.command(arguments)
        } catch {
            throw .away
        }
    }

    private func function(_ name: String) -> [[UInt8]] {
        ["FCALL", "haniel_room_v1_\(name)", "1"].map { Array($0.utf8) } + [key]
    }

    private func digits(_ number: Int64) -> [UInt8] { Array(String(number).utf8) }
}
