import Redis
import Synchronization

/// How places are given out: together, before an opening, and while Redis is away.
extension RedisQueueStore {
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

    func register(
        opensAt: Int64,
        key: Int64,
        insteadOf provisional: ProvisionalPlace?,
        now: Int64
    ) async throws(QueueStoreError) -> QueueRegistration? {
        let name = Array((provisional?.name ?? "").utf8)
        let reply = try await call(
            "register",
            [digits(1), digits(opensAt), digits(key), name],
            now: now
        )
        guard reply.code >= 0 else { throw .away }
        guard reply.code > 0 else { return nil }
        var registration = reply.snapshot.registration
        registration.count = reply.value
        return registration
    }

    func provision(now: Int64) -> ProvisionalPlace {
        memory.withLock { memory in
            memory.provisionCount += 1
            let place = ProvisionalPlace(
                milliseconds: now + memory.clockOffset,
                node: node,
                sequence: memory.provisionCount % ProvisionalPlace.sequenceLimit
            )
            // A crowd larger than this is numbered in the order in which it asks again.
            if memory.provisions.count < 1_000_000 { memory.provisions.append(place) }
            memory.needsReport = true
            return place
        }
    }

    func place(_ provisional: ProvisionalPlace, now: Int64) async throws(QueueStoreError)
        -> QueuePlace?
    {
        let isUntold = memory.withLock { memory in
            memory.snapshot.isSettling || !memory.provisions.isEmpty
        }
        if isUntold, memory.withLock({ !$0.isFailing }) { return nil }
        let reply = try await call("place", [Array(provisional.name.utf8)], now: now)
        guard reply.code == 1 else { return nil }
        return QueuePlace(epoch: reply.snapshot.epoch, position: reply.value)
    }

    /// Tells Redis what this node remembers: places given out meanwhile, who is inside, whose turn was taken.
    func report(now: Int64) async throws(QueueStoreError) {
        // Whether Redis has lost anything is learnt with an answer, and told before the last part. Until
        // then places are given out here, so what there is to tell is looked at afterwards.
        try await report([], claimed: [], isLast: false, now: now)
        let (provisions, sessions, claimed, offset) = memory.withLock { memory in
            (
                memory.provisions, memory.sessions.filter { $0.value.countsUntil > now },
                Array(memory.claimed.keys), memory.clockOffset
            )
        }
        for part in parts(of: provisions, limit: Self.listLimit) {
            _ = try await call(
                "provision",
                part.flatMap { [digits($0.milliseconds), Array($0.name.utf8)] },
                now: now,
                isTick: true
            )
        }
        for part in parts(of: claimed, limit: Self.listLimit) {
            try await report([], claimed: part, isLast: false, now: now)
        }
        let known = sessions.map { ($0.key, $0.value.countsUntil + offset) }
        for part in parts(of: known, limit: Self.listLimit) {
            try await report(part, claimed: [], isLast: false, now: now)
        }
        if let progress = memory.withLock({ $0.progress }) {
            let numbers = [progress.serving, progress.tail]
            let names = progress.registration.numbers + progress.draw.numbers
            _ = try await call("progress", (numbers + names).map(digits), now: now, isTick: true)
        }
        try await tellHead(now: now)
        let recovery = try await report([], claimed: [], isLast: true, now: now)
        memory.withLock { memory in
            memory.provisions.removeFirst(min(provisions.count, memory.provisions.count))
            memory.reportedRecovery = recovery
            memory.needsReport = !memory.provisions.isEmpty
        }
    }

    /// Tells who left and which places were given up while Redis was away, once every gateway has told who is inside.
    func tellDepartures(now: Int64) async throws(QueueStoreError) {
        let places = memory.withLock { $0.snapshot.holdUntil > now ? [] : $0.takeGivenUp() }
        for (index, place) in places.enumerated() {
            do throws(QueueStoreError) {
                try await giveUp(place.position, moves: place.moves, now: now)
            } catch {
                memory.withLock { memory in
                    for place in places[(index + 1)...] {
                        memory.noteGivenUp(place.position, moves: place.moves)
                    }
                }
                throw error
            }
        }
        let sessions = memory.withLock { memory in
            memory.snapshot.holdUntil > now
                ? []
                : memory.departures.due(
                    now: now,
                    lasting: memory.rules.sessionMilliseconds + memory.rules.leaseMilliseconds
                )
        }
        for session in sessions {
            _ = try await call("leave", [Array(session.text.utf8)], now: now, isTick: true)
            memory.withLock { memory in
                memory.forget(session)
                memory.departures.forget(session)
            }
        }
    }

    /// Learns whom an earlier process of this node let in, so that Redis can be told if it forgets.
    func learnSessions(now: Int64) async throws(QueueStoreError) {
        var (from, after) = (0, 0) as (Int64, Int64)
        repeat {
            let next = try await learnSessions(endingFrom: from, after: after, now: now)
            guard next.from == 0 || next > (from, after) else { throw .away }
            (from, after) = next
        } while from > 0
        memory.withLock { $0.head.needsSessions = false }
    }

    /// Learns of some that end from a moment on, after some that end in that moment; returns where to go on, the moment
    /// 0 if those were all.
    private func learnSessions(
        endingFrom from: Int64,
        after: Int64,
        now: Int64
    ) async throws(QueueStoreError) -> (from: Int64, after: Int64) {
        let reply = try await reply("mine", [digits(from), digits(after)], isTick: true)
        guard case .array(let parts) = reply, parts.count >= 2, let head = RedisQueueReply(parts[0])
        else { throw .away }
        let words = parts[1].array ?? []
        memory.withLock { memory in
            memory.learn(head, now: now)
            for index in stride(from: 0, to: words.count - 1, by: 2) {
                guard let name = words[index].bytes, let session = SessionID(text: name),
                    memory.sessions[session] == nil,
                    let end = words[index + 1].text.flatMap({ QueueNumber.read($0) })
                else { continue }
                // Asked for before it is trusted: whether it was left meanwhile is not known here.
                memory.sessions[session] = RedisQueueMemory.Session(
                    confirmed: now,
                    until: end - memory.clockOffset,
                    askedAt: 0
                )
            }
        }
        // The functions of a program of before know all at once.
        guard parts.count == 4 else { return (0, 0) }
        return (parts[2].number ?? 0, parts[3].number ?? 0)
    }

    /// Tells who had been called up and who was seen lately, if Redis has lost that.
    private func tellHead(now: Int64) async throws(QueueStoreError) {
        let (recall, offset) = memory.withLock { ($0.recall, $0.clockOffset) }
        guard let recall else { return }
        let marks = recall.marks.map { (position: $0.position, aliveUntil: $0.aliveUntil + offset) }
        for part in parts(of: marks, limit: Self.markLimit) {
            _ = try await call("alive", [Self.packed(part)], now: now, isTick: true)
        }
        let arguments = [digits(recall.through)] + recall.called.map(digits)
        _ = try await call("recall", arguments, now: now, isTick: true)
        memory.withLock { $0.forgetRecall() }
    }

    @discardableResult
    private func report(
        _ sessions: [(SessionID, Int64)],
        claimed: [Int64],
        isLast: Bool,
        now: Int64
    ) async throws(QueueStoreError) -> Int64 {
        var arguments = [digits(isLast ? 1 : 0), digits(Int64(sessions.count))]
        arguments += sessions.map { Array($0.0.text.utf8) }
        arguments += sessions.map { digits($0.1) }
        arguments += claimed.map(digits)
        return try await call("report", arguments, now: now, isTick: true).recovery
    }

    /// The log in Redis begins anew when Redis has lost it; what was read before stays in the chain.
    func admissions(after index: Int64, limit: Int, now: Int64) async throws(QueueStoreError)
        -> [Admission]
    {
        let cursor = memory.withLock { $0.logCursor }
        let reply = try await entries(after: cursor, limit: limit)
        var found: [Admission] = []
        for entry in reply.array ?? [] {
            guard let parts = entry.array, parts.count == 2, let id = parts[0].text,
                let words = parts[1].array?.map({ $0.text ?? "" }), words.count == 6,
                let position = QueueNumber.read(words[1]), let time = QueueNumber.read(words[5])
            else { continue }
            memory.withLock { $0.logCursor = id }
            found.append(
                Admission(
                    index: index + Int64(found.count) + 1,
                    position: position,
                    sessionDigest: words[3],
                    milliseconds: time
                )
            )
        }
        return found
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

    /// A place that Redis gave out before it gives out numbers again.
    private static func settling(_ reply: RedisQueueReply, at index: Int) -> QueueStoreError {
        .settling(
            ProvisionalPlace(
                milliseconds: reply.nowMilliseconds,
                node: ProvisionalPlace.storeNode,
                sequence: reply.value + Int64(index)
            )
        )
    }

    /// Numbers a batch; those beyond the line's limit get none.
    private func number(
        _ joiners: [RedisQueueMemory.Joiner],
        first: Int64,
        now: Int64
    ) async -> Result<QueuePlace?, QueueStoreError> {
        var answers: [Result<QueuePlace?, QueueStoreError>] = []
        let times = [first] + joiners.map(\.aliveUntil)
        for part in parts(of: times, limit: Self.batchLimit) {
            do throws(QueueStoreError) {
                let aliveUntil = (part.max() ?? first) + clockOffset
                let reply = try await call(
                    "join",
                    [digits(Int64(part.count)), digits(aliveUntil)],
                    now: now
                )
                guard reply.code >= 0 else {
                    answers += part.indices.map { .failure(Self.settling(reply, at: $0)) }
                    continue
                }
                answers += (0..<Int64(part.count)).map { index in
                    let place = QueuePlace(
                        epoch: reply.snapshot.epoch,
                        position: reply.value + index
                    )
                    return .success(index < reply.code ? place : nil)
                }
            } catch {
                answers += part.map { _ in .failure(error) }
            }
        }
        for (joiner, answer) in zip(joiners, answers.dropFirst()) {
            joiner.continuation.resume(returning: answer)
        }
        return answers.first ?? .failure(.away)
    }
}
