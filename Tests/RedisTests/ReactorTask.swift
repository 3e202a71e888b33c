import Transport

/// Runs a body on a reactor of its own and returns what it returns.
func onReactor<Value: Sendable>(
    _ body: @escaping @Sendable (Reactor) async throws -> Value
) async throws -> Value {
    let reactor = try Reactor()
    try reactor.start()
    defer { reactor.stop() }
    return try await withCheckedThrowingContinuation { continuation in
        reactor.spawn {
            do {
                continuation.resume(returning: try await body(reactor))
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}
