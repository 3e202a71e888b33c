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
        let event = listing.event.id
        let now = clock.now()
        let (known, isGoodEnough) = begin(event, at: now)
        if let known, isGoodEnough { return known.current }
        defer { entries.withLock { $0[event]?.isReading = false } }
        let seatCount = listing.map.seats.count
        let current = try await database.read { connection in
            let revision = try Self.revision(of: event, connection)
            if let known, known.current.revision == revision { return known.current }
            return Availability(
                revision: revision,
                states: try Self.states(of: event, seatCount: seatCount, connection),
                standing: try StandingStock.remaining(event: event, connection)
            )
        }
        entries.withLock { entries in
            if let entry = entries[event], entry.current.revision > current.revision { return }
            entries[event] = Entry(current: current, readAt: now)
        }
        return current
    }

    /// What is known of an event, and whether that will do: it is recent, or a little older while somebody else reads.
    private func begin(_ event: Int64, at now: Milliseconds) -> (known: Entry?, isGoodEnough: Bool) {
        entries.withLock { entries in
            guard let known = entries[event] else { return (nil, false) }
            let age = now - known.readAt
            let isGoodEnough =
                age < toleranceMilliseconds || (known.isReading && age < 10 * toleranceMilliseconds)
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
