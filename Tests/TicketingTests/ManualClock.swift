import Synchronization

@testable import Ticketing

/// A clock that goes only when a test says so.
final class ManualClock: Sendable {
    private let moment: Mutex<Milliseconds>

    /// 2026-09-13 12:26:40 UTC unless told otherwise.
    init(_ moment: Milliseconds = 1_789_302_400_000) {
        self.moment = Mutex(moment)
    }

    var now: Milliseconds { moment.withLock { $0 } }

    var wallClock: WallClock { WallClock { self.now } }

    func advance(by span: Milliseconds) { moment.withLock { $0 += span } }
}
