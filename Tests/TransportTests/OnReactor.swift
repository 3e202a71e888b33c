@testable import Transport

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

extension Reactor {
    /// Lets others have their turns until the condition holds; false when it did not in time.
    func turns(until condition: () -> Bool) async -> Bool {
        let deadline = now.advanced(by: .seconds(60))
        while !condition() {
            if now >= deadline { return false }
            await self.sleep(for: .zero)
        }
        return true
    }
}

extension ByteStream {
    /// Whether a task waits for the peer.
    var isAwaited: Bool { silenceNanoseconds != nil }
}

/// Lets tasks of one reactor wait until something has happened, once. Confined to the reactor's thread.
final class Gate {
    private(set) var isOpen = false
    private let waiter = Waiter()

    func open() {
        isOpen = true
        waiter.wake(.ready)
    }

    func pass(on reactor: Reactor) async -> Bool {
        if isOpen { return true }
        _ = await reactor.wait(for: waiter, until: reactor.now.advanced(by: .seconds(30))) {
            isOpen
        }
        return isOpen
    }
}

/// Something written by several tasks of one reactor. Confined to the reactor's thread.
final class Notes<Element> {
    var items: [Element] = []
}
