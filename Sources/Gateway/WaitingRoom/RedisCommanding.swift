import Redis

/// A connection, or several, on which commands can be sent.
protocol RedisCommanding: Sendable {
    /// Sends one command and waits for its reply; throws if none comes in time. An error *reply* is a value.
    func command(_ arguments: [[UInt8]]) async throws -> RESPValue
}

extension RedisCommanding {
    /// Calls a function of a library, which is loaded if the server does not have it; nil without an answer.
    func call(_ words: [[UInt8]], of library: String) async -> RESPValue? {
        for _ in 0..<2 {
            guard let reply = try? await command(words) else { return nil }
            guard case .error(let text) = reply else { return reply }
            guard text.contains("Function not found") else { return nil }
            let load = ["FUNCTION", "LOAD", "REPLACE", library].map { Array($0.utf8) }
            guard (try? await command(load)) != nil else { return nil }
        }
        return nil
    }
}
