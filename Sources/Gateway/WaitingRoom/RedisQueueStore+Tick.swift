import Redis
import Synchronization

/// A few times a second: what was seen here is told, what others have seen is heard.
extension RedisQueueStore {
    private static let tickMilliseconds: Int64 = 250
    private static let aliveMilliseconds: Int64 = 1_000

    /// Brings Redis up to date with what was seen here, and this node with the room.
    func tick(now: Int64) async throws(QueueStoreError) {
        let due = memory.withLock {
            $0.due(now, tick: Self.tickMilliseconds, alive: Self.aliveMilliseconds)
        }
        guard due.isTick else {
            // Nothing was asked, so nothing is better than it was.
            guard memory.withLock({ !$0.isFailing }) else { throw .away }
            return
        }
        do throws(QueueStoreError) {
            if due.needsReport { try await report(now: now) }
            for part in parts(of: due.touched, limit: Self.listLimit) {
                try await renew(part, adopts: true, now: now, isTick: true)
            }
            for part in parts(of: due.marks, limit: Self.markLimit) {
                _ = try await call("alive", [Self.packed(part)], now: now, isTick: true)
            }
            if due.needsRules { try await sendRules(now: now) }
            try await listen(due, now: now)
            if memory.withLock({ $0.mayLook(now) }) { try await look(now: now) }
            if memory.withLock({ $0.needsReport }) { try await report(now: now) }
            if memory.withLock({ $0.head.needsSessions }) { try await learnSessions(now: now) }
            try await tellDepartures(now: now)
            if due.isRollCall { await compareOpenings(now: now) }
            if memory.withLock({ $0.controlVersion != $0.control.version }) {
                try await exchangeControl([], now: now)
            }
        } catch {
            // What was taken out and not told counts as not seen; visitors ask again.
            memory.withLock { $0.touched.formUnion(due.touched) }
            throw error
        }
    }

    private func listen(_ due: RedisQueueMemory.Due, now: Int64) async throws(QueueStoreError) {
        let isRollCall = due.isRollCall
        // A line in which nothing happens is asked less, since each answer costs Redis some commands.
        let asksCalled = isRollCall || due.isMoving
        let (told, process, capacity) = memory.withLock { memory in
            if isRollCall { memory.callSentAt = now }
            return (memory.toldUntil, memory.process, memory.rules.capacityHere)
        }
        let arguments = [
            digits(isRollCall ? 1 : 0), digits(told), digits(process), digits(asksCalled ? 1 : 0),
            capacity.map(digits) ?? [],
        ]
        let reply = try await reply("tick", arguments, isTick: true)
        guard case .array(let parts) = reply, parts.count >= 3, let head = RedisQueueReply(parts[0])
        else { throw .away }
        let left = (parts[1].array ?? []).compactMap { name in
            name.bytes.flatMap { SessionID(text: $0) }
        }
        let nodes = (parts[2].array ?? []).compactMap(\.text)
        let called = parts.dropFirst(3).first?.array?.compactMap(\.number)
        let unused = parts.dropFirst(4).first?.array?.compactMap(\.number)
        memory.withLock { memory in
            memory.learn(head, older: unused, now: now)
            if isRollCall {
                memory.nodes = nodes
                memory.calledAt = now
            }
            memory.hear(left: left, until: head.value, now: now)
            // While Redis learns again what it forgot, it knows less of that than this node.
            if head.holdMilliseconds == 0, asksCalled { memory.head.hear(called: called) }
        }
    }

    /// Learns how many of those in line are still there.
    private func look(now: Int64) async throws(QueueStoreError) {
        let reply = try await reply("profile", [digits(1)], isTick: true)
        guard case .array(let parts) = reply, parts.count >= 2, let head = RedisQueueReply(parts[0])
        else { throw .away }
        let numbers = (parts[1].array ?? []).compactMap(\.number)
        guard numbers.count >= 5 else { throw .away }
        // A library of before knows of the newest alone.
        let older = parts.dropFirst(2).first?.array?.compactMap(\.number)
        var unused = UnusedNumbers(older ?? [])
        unused.add(after: numbers[3], through: numbers[4])
        memory.withLock { memory in
            memory.learn(head, older: older, now: now)
            memory.snapshot.profile = CrowdProfile(
                start: numbers[0],
                step: numbers[1],
                places: numbers[2],
                parts: Array(numbers[5...]),
                unused: unused
            )
        }
    }

    private func sendRules(now: Int64) async throws(QueueStoreError) {
        let rules = memory.withLock { $0.rules }
        let numbers = numbers(rules) + [rules.drawsMilliseconds]
        _ = try await call("configure", numbers.map(digits), now: now, isTick: true)
        memory.withLock { if $0.rules == rules { $0.needsRules = false } }
    }

    /// Looks now and then whether Redis still has the opening that it was told from here. Only to say so: a refusal
    /// changes nothing.
    private func compareOpenings(now: Int64) async {
        let isDue = memory.withLock { memory in
            memory.isConfigured && !memory.needsRules && memory.openings.mayLook(now)
        }
        guard isDue else { return }
        let words = [Array("HGET".utf8), key, Array("opens".utf8)]
        guard let reply = try? await redis.command(words),
            let opens = reply.text.flatMap({ QueueNumber.read($0) })
        else { return }
        memory.withLock { $0.openings.note(opens: opens, $0.snapshot, $0.rules) }
    }

    func exchangeControl(_ arguments: [[UInt8]], now: Int64) async throws(QueueStoreError) {
        let reply = try await reply("control", arguments, isTick: true)
        guard case .array(let parts) = reply, parts.count == 2, let head = RedisQueueReply(parts[0])
        else { throw .away }
        let text = parts[1].array?.first?.text ?? ""
        memory.withLock { memory in
            memory.learn(head, now: now)
            memory.control = RoomControl(text: text, version: head.controlVersion)
        }
    }
}
