import FoundationEssentials
import Synchronization

/// Which seats of one event were taken at one revision of its claims.
struct Availability: Sendable {
    let revision: Int64
    /// For each seat 0 free, or the claim's state.
    let states: [UInt8]
    /// Two bits a seat, four seats a byte, the first seat in the low bits.
    let packed: [UInt8]
    /// Free places of each standing area, by section number.
    let standing: [Int: Int]
    /// How many seats and standing places are free.
    let freeCount: Int
    /// The snapshot as JSON, encoded once however many ask for it.
    let document: [UInt8]

    init(revision: Int64, states: [UInt8], standing: [Int: Int] = [:]) {
        self.revision = revision
        self.states = states
        self.standing = standing
        packed = Self.pack(states)
        freeCount = states.reduce(0) { $1 == 0 ? $0 + 1 : $0 } + standing.values.reduce(0, +)
        document = JSON.encode(
            Document(
                revision: revision,
                seatCount: states.count,
                states: Data(packed).base64EncodedString(),
                free: freeCount,
                standing: standing.sorted { $0.key < $1.key }.map {
                    Document.Standing(section: $0.key, free: $0.value)
                }
            )
        )
    }

    private struct Document: Encodable {
        let revision: Int64
        let seatCount: Int
        /// The packed form in base 64.
        let states: String
        let free: Int
        let standing: [Standing]

        struct Standing: Encodable {
            let section: Int
            let free: Int
        }
    }

    /// Whether nobody has the seat.
    func isFree(_ seat: Int) -> Bool { states.indices.contains(seat) && states[seat] == 0 }

    /// How many seats of `seats` are free.
    func freeCount(in seats: Range<Int>) -> Int {
        states[seats.clamped(to: states.indices)].reduce(0) { $1 == 0 ? $0 + 1 : $0 }
    }

    private static func pack(_ states: [UInt8]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: (states.count + 3) / 4)
        for (seat, state) in states.enumerated() {
            bytes[seat / 4] |= (state & 3) << UInt8(seat % 4 * 2)
        }
        return bytes
    }
}

/// Answers which seats are free, from the claims in the database.
///
/// A snapshot is read again only when the event's revision grew, at most once at a time and every few milliseconds, so
/// that a rush of viewers costs one read of one small row each.
final class AvailabilityBoard: Sendable {
    private struct Entry {
        var current: Availability
        var readAt: Milliseconds
        /// Somebody is reading a newer picture.
        var isReading = false
    }

    /// How old a snapshot may be while the claims keep changing.
    private let toleranceMilliseconds: Milliseconds
    private let database: Database
    private let clock: WallClock
    private let entries = Mutex<[Int64: Entry]>([:])

    init(database: Database, clock: WallClock, toleranceMilliseconds: Milliseconds = 50) {
        self.database = database
        self.clock = clock
        self.toleranceMilliseconds = toleranceMilliseconds
    }

    /// The present state of all seats of an event.
    func availability(of listing: Listing) async throws -> Availability {
        guard let only = try await availabilities(of: [listing]).first else {
            throw SQLError.inconsistent("an event without a state")
        }
        return only
    }

    /// The same of several events, in their order: one read for all of them, and in it one query for those of which
    /// nothing has changed.
    func availabilities(of listings: [Listing]) async throws -> [Availability] {
        let now = clock.now()
        let views = listings.map { listing in
            let (known, isGoodEnough) = begin(listing.event.id, at: now)
            return View(listing: listing, known: known?.current, isGoodEnough: isGoodEnough)
        }
        if views.allSatisfy(\.isGoodEnough) { return views.compactMap(\.known) }
        defer {
            entries.withLock { entries in
                for view in views where !view.isGoodEnough {
                    entries[view.listing.event.id]?.isReading = false
                }
            }
        }
        let current = try await database.read { try Self.read(views, $0) }
        for (view, current) in zip(views, current) where !view.isGoodEnough {
            keep(current, of: view.listing.event.id, readAt: now)
        }
        return current
    }

    /// An event and what is known of it.
    private struct View: Sendable {
        let listing: Listing
        let known: Availability?
        let isGoodEnough: Bool
    }

    private static func read(_ views: [View], _ connection: SQLConnection) throws -> [Availability] {
        let events = views.filter { !$0.isGoodEnough }.map(\.listing.event.id)
        let revisions = try revisions(of: events, connection)
        return try views.map { view in
            let event = view.listing.event.id
            let revision = revisions[event] ?? 0
            if let known = view.known, view.isGoodEnough || known.revision == revision {
                return known
            }
            return Availability(
                revision: revision,
                states: try states(
                    of: event,
                    seatCount: view.listing.map.seats.count,
                    connection
                ),
                standing: try StandingStock.remaining(event: event, connection)
            )
        }
    }

    private func keep(_ current: Availability, of event: Int64, readAt now: Milliseconds) {
        entries.withLock { entries in
            if let entry = entries[event], entry.current.revision > current.revision { return }
            entries[event] = Entry(current: current, readAt: now)
        }
    }

    /// What is known of an event, and whether that will do: it is recent, or a little older while somebody else reads.
    private func begin(_ event: Int64, at now: Milliseconds) -> (known: Entry?, isGoodEnough: Bool) {
        entries.withLock { entries in
            guard let known = entries[event] else { return (nil, false) }
            let age = now - known.readAt
            let isGoodEnough =
                (0..<toleranceMilliseconds).contains(age)
                || known.isReading && (0..<10 * toleranceMilliseconds).contains(age)
            if !isGoodEnough { entries[event]?.isReading = true }
            return (known, isGoodEnough)
        }
    }

    /// The revision of an event's claims.
    static func revision(of event: Int64, _ connection: SQLConnection) throws -> Int64 {
        try connection.first("SELECT revision FROM seat_revisions WHERE event_id = ?", [event]) {
            try $0.integer(0)
        } ?? 0
    }

    private static func revisions(of events: [Int64], _ connection: SQLConnection) throws
        -> [Int64: Int64]
    {
        let marks = Array(repeating: "?", count: events.count).joined(separator: ", ")
        let found = try connection.rows(
            "SELECT event_id, revision FROM seat_revisions WHERE event_id IN (\(marks))",
            events
        ) { (try $0.integer(0), try $0.integer(1)) }
        return Dictionary(found, uniquingKeysWith: max)
    }

    /// The state of every seat, straight from the claims.
    static func states(of event: Int64, seatCount: Int, _ connection: SQLConnection) throws
        -> [UInt8]
    {
        var states = [UInt8](repeating: 0, count: seatCount)
        let claims = try connection.rows(
            "SELECT seat_no, state FROM seat_claims WHERE event_id = ?",
            [event]
        ) {
            (seat: try $0.int(0), state: try $0.int(1))
        }
        for claim in claims where states.indices.contains(claim.seat) {
            states[claim.seat] = UInt8(truncatingIfNeeded: claim.state)
        }
        return states
    }
}
