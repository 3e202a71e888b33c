import Redis
import Synchronization

/// The room in Redis is made, or mended after a loss.
extension RedisQueueStore {
    /// Numbers left out when Redis has forgotten which were given out.
    private static let gap: Int64 = 100_000
    private static let library = RedisQueueFunctions.library()

    /// Loads the functions and makes the room, or mends it if Redis knows less than this node remembers.
    func open() async throws(QueueStoreError) {
        let loaded = try await send(
            ["FUNCTION", "LOAD", "REPLACE"].map { Array($0.utf8) } + [Self.library]
        )
        guard case .bulk = loaded else { throw refused(loaded) }
        let (known, rules, floor, nodes, control) = memory.withLock {
            ($0.snapshot, $0.rules, $0.turns.floor, $0.nodes, $0.control)
        }
        let remembered = [
            known.epoch, known.baseEpoch, known.tail, known.serving, floor, Self.gap,
            known.registration.name, known.registration.count, known.draw.name,
            known.draw.after, known.draw.count,
        ]
        let names = [known.registration.opensAt, known.registration.key, known.draw.key]
        var arguments = [Array("\(node)".utf8)] + remembered.map(digits)
        arguments.append(Array(nodes.joined(separator: ",").utf8))
        arguments.append(digits(control.version))
        arguments.append(Array(control.text.utf8))
        let reply = try await send(
            function("open") + arguments
                + (numbers(rules) + names + [known.lastIssued] + known.unused.numbers).map(digits)
        )
        guard case .integer = reply else { throw refused(reply) }
        memory.withLock { $0.hasOpened = true }
        if let secret {
            _ = try await send(SharedSecret.keeping(secret))
        }
    }

    private func refused(_ reply: RESPValue) -> QueueStoreError {
        if case .error(let message) = reply { memory.withLock { $0.lose(message) } }
        return .away
    }

    func numbers(_ rules: QueueRules) -> [Int64] {
        [
            rules.capacity, rules.unitsPerMillisecond, rules.burst, rules.sessionMilliseconds,
            rules.graceMilliseconds, rules.queueLimit, rules.isAdmitting ? 1 : 0,
            rules.departureMilliseconds, rules.reservationMilliseconds, rules.retryMilliseconds,
            rules.passLimit, rules.leaseMilliseconds, rules.opensMilliseconds,
            rules.outageMilliseconds, rules.clientInterval, rules.fingerprintInterval,
        ]
    }
}
