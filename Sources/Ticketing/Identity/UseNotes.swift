import Synchronization

/// When this process last noted the use of a session, so that not every request writes one down.
final class UseNotes: Sendable {
    private static let limit = 20_000

    private let notedAt = Mutex<[String: Milliseconds]>([:])

    /// Whether a use is to be noted now; if so it counts as noted.
    func isDue(_ session: String, at now: Milliseconds, every interval: Milliseconds) -> Bool {
        notedAt.withLock { notedAt in
            if let last = notedAt[session], now - last < interval { return false }
            // Forgetting costs a look-up each, at worst.
            if notedAt.count >= Self.limit { notedAt = [:] }
            notedAt[session] = now
            return true
        }
    }
}
