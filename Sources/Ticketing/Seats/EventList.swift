import Synchronization

/// The events of lists as they were read at one moment.
final class EventList: Sendable {
    let events: [EventRows.Glimpse]
    /// What searches look into; made by the first one, and not by each.
    private let texts = Mutex<[String]?>(nil)

    init(_ events: [EventRows.Glimpse]) { self.events = events }

    /// Those whose title, venue or city has these words in it, upper and lower case alike. Not left to the database:
    /// SQLite knows both cases of ASCII alone.
    func events(with words: String) -> [EventRows.Glimpse] {
        let words = words.lowercased()
        return zip(events, folded).filter { $1.contains(words) }.map { $0.0 }
    }

    private var folded: [String] {
        texts.withLock { texts in
            if let texts { return texts }
            let made = events.map { "\($0.title) \($0.venueName) \($0.city)".lowercased() }
            texts = made
            return made
        }
    }
}
