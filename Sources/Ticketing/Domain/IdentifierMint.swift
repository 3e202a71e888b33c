import Synchronization

/// Makes 63-bit identifiers in the process: 41 bits of milliseconds, 10 bits of node, 12 bits of sequence.
///
/// They grow with time, so that rows of one evening lie together, and need no round trip to the database.
final class IdentifierMint: Sendable {
    /// 2020-01-01, so that 41 bits last until 2089.
    private static let epoch: Milliseconds = 1_577_836_800_000

    private let node: Int64
    private let clock: WallClock
    private let last = Mutex<(moment: Milliseconds, sequence: Int64)>((0, 0))

    /// A mint for one process. `node` (0 to 1,023) must differ between processes that write to one database.
    init(node: Int64, clock: WallClock) {
        self.node = node & 1023
        self.clock = clock
    }

    /// The next identifier. When a millisecond's 4,096 are used up, or the clock went back, it borrows from the future.
    func next() -> Int64 {
        let now = max(clock.now() - Self.epoch, 0)
        return last.withLock { last in
            if now > last.moment {
                last = (now, 0)
            } else if last.sequence < 4095 {
                last.sequence += 1
            } else {
                last = (last.moment + 1, 0)
            }
            return ((last.moment & 0x1FF_FFFF_FFFF) << 22) | (node << 12) | last.sequence
        }
    }
}
