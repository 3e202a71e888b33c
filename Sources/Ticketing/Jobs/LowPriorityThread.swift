import Dispatch
import Foundation
import Glibc
import Synchronization

/// One thread for work that computes and can wait, such as drawing tickets: it takes one processor at most, and of
/// that what nobody else wants. What more visitors wait for goes first.
final class LowPriorityThread: Sendable {
    private typealias Work = @Sendable () -> Void

    /// What the thread looks at; it does not keep the object above alive.
    private final class Desk: Sendable {
        struct State {
            var waiting: [Work] = []
            var isStarted = false
        }

        let bell = DispatchSemaphore(value: 0)
        let state = Mutex(State())

        /// Works until the bell rings for nothing: then nobody is left who could ask for more.
        func work() {
            _ = setpriority(
                __priority_which_t(PRIO_PROCESS.rawValue),
                0,
                LowPriorityThread.niceness
            )
            while let next = next() { next() }
        }

        private func next() -> Work? {
            bell.wait()
            return state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
        }
    }

    /// The system's numbers go from -20 to 19; the higher, the more the others get.
    private static let niceness: CInt = 10

    private let desk = Desk()

    /// How much waits for its turn; what is being done does no longer.
    var waitingCount: Int { desk.state.withLock { $0.waiting.count } }

    deinit { desk.bell.signal() }

    /// Runs `work` once what was asked for before is done. How much waits is for the callers to limit.
    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let isFirst = desk.state.withLock { state in
                state.waiting.append { continuation.resume(with: Result { try work() }) }
                defer { state.isStarted = true }
                return !state.isStarted
            }
            if isFirst { start() }
            desk.bell.signal()
        }
    }

    private func start() {
        let thread = Thread { [desk] in desk.work() }
        thread.name = "low-priority"
        thread.stackSize = 1 << 20
        thread.start()
    }
}
