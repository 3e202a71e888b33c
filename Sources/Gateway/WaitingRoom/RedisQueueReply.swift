import Redis

/// What the queue's functions answer: a code with a value, and the queue as it is then.
struct RedisQueueReply: Hashable, Sendable {
    let code: Int64
    let value: Int64
    let snapshot: QueueSnapshot
    /// Redis' clock, milliseconds since 1970.
    let nowMilliseconds: Int64

    /// Nil if the reply is anything else.
    init?(_ reply: RESPValue) {
        guard case .array(let values) = reply, values.count == 9 else { return nil }
        let numbers = values.compactMap { value -> Int64? in
            guard case .integer(let number) = value else { return nil }
            return number
        }
        guard numbers.count == 9 else { return nil }
        code = numbers[0]
        value = numbers[1]
        snapshot = QueueSnapshot(
            epoch: numbers[2],
            serving: numbers[3],
            tail: numbers[4],
            activeCount: numbers[5],
            reservedCount: numbers[6],
            capacity: numbers[7]
        )
        nowMilliseconds = numbers[8]
    }
}
