/// Why a suspended task goes on.
public enum Wake: Sendable {
    /// What it waited for has happened.
    case ready
    /// The deadline passed first.
    case timedOut
    /// What it waited for can no longer happen: the socket was closed, the queue is gone.
    case closed
}

/// A cell in which one task at a time waits, with a deadline.
///
/// Confined to the thread of the reactor it waits on. The timer wheel links waiters through their own fields and keeps
/// them linked from one wait to the next, so that a wait with a usual deadline touches no list at all.
@safe public final class Waiter {
    private var continuation: UnsafeContinuation<Wake, Never>?
    /// What is called in place of a task that goes on.
    private var action: ((Wake) -> Void)?
    /// Asked before a task is woken because what it waits for is there: true if that was dealt with on the spot, and
    /// the task sleeps on. It may neither suspend nor wake anybody, since it runs in the middle of the reactor's work.
    var dealsWith: (() -> Bool)?

    /// When the present wait ends at the latest.
    var deadline = Instant.distantFuture
    /// The tick of the wheel at which this waiter is looked at next; nil while it is in no list.
    var tick: UInt64?
    var next: Waiter?
    unowned(unsafe) var previous: Waiter?

    /// A cell nobody waits in.
    public init() {}

    /// Whether a task is suspended here, or an action waits to be called.
    public var isWaiting: Bool { unsafe continuation != nil || action != nil }

    /// Lets the task go on; nothing happens if none waits.
    public func wake(_ reason: Wake) {
        if let action {
            self.action = nil
            return action(reason)
        }
        guard let continuation = unsafe continuation else { return }
        if case .ready = reason, let dealsWith, dealsWith() { return }
        unsafe self.continuation = nil
        unsafe continuation.resume(returning: reason)
    }

    fileprivate func hold(_ action: @escaping (Wake) -> Void) { self.action = action }

    @inline(__always)
    fileprivate func suspend(unless isReady: () -> Bool) async -> Wake {
        await unsafe withUnsafeContinuation { present in
            // Asked only now that the task can be woken: an event before this moment would have found nobody.
            if isReady() {
                unsafe present.resume(returning: .ready)
            } else {
                unsafe continuation = present
            }
        }
    }
}

extension Reactor {
    /// Suspends the calling task until `waiter` is woken or `deadline` has passed, unless what it waits for is there.
    ///
    /// The one place where tasks of the data plane suspend. A waiter takes one task at a time.
    ///
    /// Inlined, as are the thin layers above it: each asynchronous call has a frame of its own to allocate and free.
    @inline(__always)
    public func wait(
        for waiter: Waiter,
        until deadline: Instant,
        unless isReady: () -> Bool = { false }
    ) async -> Wake {
        precondition(!waiter.isWaiting, "a waiter holds one task at a time")
        waiter.deadline = deadline
        timers.schedule(waiter)
        return await waiter.suspend(unless: isReady)
    }

    /// Calls `action` once `waiter` is woken or `deadline` has passed; no task is suspended meanwhile.
    ///
    /// The action runs in the middle of the reactor's work, so that all it may do is start a task.
    func call(
        _ waiter: Waiter,
        until deadline: Instant,
        _ action: @escaping (Wake) -> Void
    ) {
        precondition(!waiter.isWaiting, "a waiter holds one task at a time")
        waiter.deadline = deadline
        timers.schedule(waiter)
        waiter.hold(action)
    }

    /// Suspends the calling task for that long, to the precision of the timer wheel (4 ms).
    public func sleep(for span: Duration) async {
        let waiter = Waiter()
        _ = await wait(for: waiter, until: now.advanced(by: span))
    }

    /// Lets every other task that is ready have its turn.
    public func yield() async {
        let waiter = Waiter()
        yielding.append(waiter)
        _ = await wait(for: waiter, until: .distantFuture)
    }
}
