import Synchronization

/// Lets those who want the same thing at the same moment wait for the one who fetches it, so that a rush that finds
/// nothing kept costs one look-up and not thousands.
final class SharedLoad<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let running = Mutex<[Key: Task<Value, any Error>]>([:])

    /// What `load` returns, run once for all who ask until it has returned.
    func value(
        for key: Key,
        _ load: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let task = running.withLock { running in
            if let task = running[key] { return task }
            let task = Task {
                defer { self.running.withLock { $0[key] = nil } }
                return try await load()
            }
            running[key] = task
            return task
        }
        return try await task.value
    }
}
