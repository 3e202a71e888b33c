import Glibc
import Synchronization

/// Remembers that another process writes to the same file, so that ours lets it have its turn.
///
/// SQLite has no queue of writers: whoever asks first after a commit wins, and a process that never pauses always does.
final class NeighbourSign: Sendable {
    private static let pauseMicroseconds: UInt32 = 500

    private let hasWaited = Atomic(false)

    /// We found the file locked.
    func noteWait() { hasWaited.store(true, ordering: .relaxed) }

    /// After our commit: a moment for the other, if we had to wait for it lately.
    func yieldTurn() {
        if hasWaited.exchange(false, ordering: .relaxed) { usleep(Self.pauseMicroseconds) }
    }
}
