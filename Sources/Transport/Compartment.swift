import Synchronization

/// A thread that makes what lives long, and lives as long as this object, so that what is made lies apart
/// from all else.
///
/// The C library gives each thread memory of its own (an arena; mallopt(3), `M_ARENA_MAX`). What is made and dropped in
/// a compartment leaves no holes among what others hold, and once the last of it is gone all of it is free.
public final class Compartment: Sendable {
    private final class Desk: Sendable {
        let work = Mutex<(@Sendable () -> Void)?>(nil)
        let isLaid = Semaphore()

        /// Does what is laid on the desk until nothing is.
        func serve() {
            while true {
                isLaid.wait()
                guard let work = work.withLock({ $0.take() }) else { return }
                work()
            }
        }

        func lay(_ work: (@Sendable () -> Void)?) {
            self.work.withLock { $0 = work }
            isLaid.signal()
        }
    }

    private final class Outcome<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
        let isThere = Semaphore()
    }

    private let desk = Desk()
    private let hasBegun = Atomic<Bool>(false)
    /// Held by whoever waits for a result.
    private let turn = Mutex<Void>(())

    public init() {}

    deinit { desk.lay(nil) }

    /// Starts the thread, unless it runs; false if the system has none left.
    private func startThread() -> Bool {
        guard !hasBegun.load(ordering: .relaxed) else { return true }
        guard (try? Thread.start { [desk] in desk.serve() }) != nil else { return false }
        hasBegun.store(true, ordering: .relaxed)
        return true
    }

    /// Runs `body` there and waits for what it returns; one after the other, if several ask. On the caller's thread if
    /// there is none left.
    public func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) -> Value {
        turn.withLock { _ in
            guard startThread() else { return body() }
            let outcome = Outcome<Value>()
            desk.lay {
                let value = body()
                outcome.value.withLock { $0 = value }
                outcome.isThere.signal()
            }
            outcome.isThere.wait()
            guard let value = outcome.value.withLock({ $0 }) else {
                preconditionFailure("nothing was made")
            }
            return value
        }
    }
}
