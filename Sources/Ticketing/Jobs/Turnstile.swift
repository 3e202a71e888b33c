import Synchronization

/// Lets so many in at a time, whoever sends them; the others wait, first come first served.
final class Turnstile: Sendable {
    private struct State {
        var freeCount: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(limit: Int) { state = Mutex(State(freeCount: limit)) }

    var freeCount: Int { state.withLock { $0.freeCount } }

    /// How many wait to be let in. It is for the callers to limit.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Runs `body` inside. Whoever was cancelled while waiting comes to its turn, too, and throws then.
    func pass<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        await enter()
        defer { leave() }
        try Task.checkCancellation()
        return try await body()
    }

    private func enter() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.freeCount > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.freeCount -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    /// Hands the place to the next one, if there is one.
    private func leave() {
        let next: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.freeCount += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
