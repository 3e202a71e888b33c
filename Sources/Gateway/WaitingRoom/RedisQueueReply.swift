import Redis

/// What the queue's functions answer: a code with a value, and the queue as it is then.
struct RedisQueueReply: Hashable, Sendable {
    private static let count = 29

    let code: Int64
    let value: Int64
    let snapshot: QueueSnapshot
    /// Redis' clock, milliseconds since 1970.
    let nowMilliseconds: Int64
    /// Names the last time that nodes had to tell what they remember; 0 if there was none.
    let recovery: Int64
    /// How long nobody is admitted because of it.
    let holdMilliseconds: Int64
    /// Counts what operators decided.
    let controlVersion: Int64

    /// Nil if the reply is anything else.
    init?(_ reply: RESPValue) {
        guard case .array(let values) = reply, values.count == Self.count else { return nil }
        let numbers = values.compactMap(\.number)
        guard numbers.count == Self.count else { return nil }
        code = numbers[0]
        value = numbers[1]
        nowMilliseconds = numbers[9]
        recovery = numbers[12]
        holdMilliseconds = numbers[13]
        controlVersion = numbers[20]
        var snapshot = QueueSnapshot()
        snapshot.epoch = numbers[2]
        snapshot.baseEpoch = numbers[3]
        snapshot.serving = numbers[4]
        snapshot.tail = numbers[5]
        snapshot.activeCount = numbers[6]
        snapshot.reservedCount = numbers[7]
        snapshot.capacity = numbers[8]
        snapshot.unused.add(after: numbers[10], through: numbers[11])
        snapshot.isSettling = numbers[14] != 0
        snapshot.registration = QueueRegistration(
            name: numbers[15],
            opensAt: numbers[26],
            count: numbers[16],
            key: numbers[27]
        )
        snapshot.draw = QueueDraw(
            name: numbers[17],
            after: numbers[18],
            count: numbers[19],
            key: numbers[28]
        )
        snapshot.figures = QueueFigures(
            admissions: numbers[21],
            noShows: numbers[22],
            passedOver: numbers[23],
            heldBack: numbers[25]
        )
        snapshot.heldCount = numbers[24]
        self.snapshot = snapshot
    }
}
