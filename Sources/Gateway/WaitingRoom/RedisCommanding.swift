import Redis

/// A connection, or several, on which commands can be sent.
protocol RedisCommanding: Sendable {
    /// Sends one command and waits for its reply; throws if none comes in time. An error *reply* is a value.
    func command(_ arguments: [[UInt8]]) async throws -> RESPValue
}
