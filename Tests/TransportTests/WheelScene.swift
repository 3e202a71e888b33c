@testable import Transport

/// A timer wheel with a clock of its own, and tasks that wait in it. Confined to its reactor's thread.
final class WheelScene {
    static let tick: UInt64 = 4_000_000

    private let reactor: Reactor
    private var wheel: TimerWheel
    private(set) var now: Instant
    private var sleepers: [Sleeper] = []

    /// One waiting task and what the wheel has been told about it.
    final class Sleeper {
        let waiter = Waiter()
        /// When it has to be awake at the latest: a moment at which the wheel is asked.
        fileprivate(set) var dueTick: UInt64?
        fileprivate(set) var wokenAt: Instant?
        var deadline: Instant { waiter.deadline }
    }

    init(now: Instant = Instant(nanoseconds: 5_000_000_000), on reactor: Reactor) {
        self.reactor = reactor
        self.now = now
        wheel = TimerWheel(now: now)
    }

    /// A task that waits, in no list of the wheel yet.
    func sleeper() async -> Sleeper {
        let sleeper = Sleeper()
        sleepers.append(sleeper)
        let reactor = reactor
        reactor.spawn(with: sleeper) {
            _ = await reactor.wait(for: $0.waiter, until: .distantFuture)
        }
        while !sleeper.waiter.isWaiting { await reactor.sleep(for: .zero) }
        return sleeper
    }

    /// A task whose deadline lies so many milliseconds ahead.
    func sleeper(milliseconds: UInt64) async -> Sleeper {
        let sleeper = await sleeper()
        schedule(sleeper, at: now.advanced(byNanoseconds: milliseconds * 1_000_000))
        return sleeper
    }

    func schedule(_ sleeper: Sleeper, at deadline: Instant) {
        sleeper.waiter.deadline = deadline
        wheel.schedule(sleeper.waiter)
        let present = now.nanoseconds / Self.tick
        sleeper.dueTick =
            deadline == .distantFuture
            ? nil : max(deadline.nanoseconds / Self.tick + 1, present + 1)
    }

    func remove(_ sleeper: Sleeper) {
        wheel.remove(sleeper.waiter)
        sleeper.dueTick = nil
    }

    func advance(milliseconds: UInt64) {
        advance(to: now.advanced(byNanoseconds: milliseconds * 1_000_000))
    }

    func advance(to moment: Instant) {
        now = moment
        wheel.advance(to: now)
        for sleeper in sleepers where !sleeper.waiter.isWaiting && sleeper.wokenAt == nil {
            sleeper.wokenAt = now
        }
    }

    var millisecondsUntilNext: Int32 { wheel.millisecondsUntilNext(after: now) }

    /// What the wheel has done wrong by the naive model: a list of deadlines that is searched from end to end.
    var faults: [String] {
        var faults: [String] = []
        let present = now.nanoseconds / Self.tick
        for (index, sleeper) in sleepers.enumerated() {
            if let woken = sleeper.wokenAt {
                if sleeper.dueTick == nil { faults.append("\(index) was woken without a deadline") }
                if woken < sleeper.deadline { faults.append("\(index) was woken too early") }
            } else if let due = sleeper.dueTick, due <= present {
                faults.append("\(index) sleeps past its deadline")
            }
        }
        if let first = sleepers.compactMap({ $0.wokenAt == nil ? $0.dueTick : nil }).min() {
            let asked = now.nanoseconds + UInt64(max(0, millisecondsUntilNext)) * 1_000_000
            if millisecondsUntilNext < 0 { faults.append("the wheel would sleep without end") }
            if asked > (first + 1) * Self.tick { faults.append("the wheel would sleep too long") }
        }
        return faults
    }

    /// Lets all tasks go.
    func end() {
        for sleeper in sleepers {
            wheel.remove(sleeper.waiter)
            sleeper.waiter.wake(.closed)
        }
    }
}
