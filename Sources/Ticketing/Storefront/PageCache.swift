import Synchronization

/// Keeps rendered pages that are the same for everybody for a second, or until the seats on them change.
///
/// A shared cache in front does the same and more; this one bounds what a rush costs when there is none.
final class PageCache: Sendable {
    private struct Entry {
        let revision: Int64
        let renderedAt: Milliseconds
        let html: String
    }

    private static let freshness: Milliseconds = Span.second
    private static let entryLimit = 500

    private let entries = Mutex<[String: Entry]>([:])

    /// The page `name` as of a revision of its seats, rendered anew if it is not at hand.
    func page(_ name: String, revision: Int64, at now: Milliseconds, _ render: () -> String)
        -> String
    {
        let known = entries.withLock { $0[name] }
        if let known, known.revision == revision, now - known.renderedAt < Self.freshness {
            return known.html
        }
        let html = render()
        entries.withLock { entries in
            if entries.count >= Self.entryLimit { entries.removeAll() }
            entries[name] = Entry(revision: revision, renderedAt: now, html: html)
        }
        return html
    }
}
