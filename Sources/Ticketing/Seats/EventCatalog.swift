import Synchronization

/// Reads events and seat maps. Maps never change and are kept; events are kept for a second.
final class EventCatalog: Sendable {
    private struct State {
        var maps: [Int64: SeatMap] = [:]
        var slugs: [Int64: String] = [:]
        var listings: [String: (listing: Listing, readAt: Milliseconds)] = [:]
        var all: (list: EventList, readAt: Milliseconds)?
    }

    private static let freshness: Milliseconds = Span.second

    private let database: Database
    private let clock: WallClock
    private let state = Mutex(State())
    private let loads = SharedLoad<String, Listing>()
    private let listLoads = SharedLoad<String, EventList>()

    init(database: Database, clock: WallClock) {
        self.database = database
        self.clock = clock
    }

    /// What is younger than nothing was read by a clock that has been put back since.
    private func isFresh(_ readAt: Milliseconds, at now: Milliseconds) -> Bool {
        (0..<Self.freshness).contains(now - readAt)
    }

    /// The event with this slug; throws `not-found`.
    func listing(slug: String) async throws -> Listing {
        let now = clock.now()
        let cached = state.withLock { $0.listings[slug] }
        if let cached, isFresh(cached.readAt, at: now) { return cached.listing }
        return try await loads.value(for: slug) { [self] in try await fresh(slug: slug) }
    }

    /// The event with this slug as it is now, for those who change it; throws `not-found`.
    func fresh(slug: String) async throws -> Listing {
        let now = clock.now()
        let event = try await database.read {
            try EventRows.event(where: "e.slug = ?", [slug], $0)
        }
        guard let event else { throw Problem.notFound }
        let listing = try await listing(of: event)
        state.withLock { $0.listings[slug] = (listing, now) }
        return listing
    }

    /// Reads an event anew that was just changed, and the list of all, before anybody is shown what was.
    func forget(slug: String) {
        state.withLock { state in
            state.listings[slug] = nil
            state.all = nil
        }
    }

    /// The event with this id; throws `not-found`.
    func listing(id: Int64) async throws -> Listing {
        if let slug = state.withLock({ $0.slugs[id] }) { return try await listing(slug: slug) }
        let event = try await database.read {
            try EventRows.event(where: "e.id = ?", [id], $0)
        }
        guard let event else { throw Problem.notFound }
        state.withLock { $0.slugs[id] = event.slug }
        return try await listing(of: event)
    }

    /// The events of lists: those to come, the next one first, then those that have begun, the latest first.
    func glimpses() async throws -> [EventRows.Glimpse] { try await list().events }

    /// The same, to be searched.
    func list() async throws -> EventList {
        let now = clock.now()
        if let all = state.withLock({ $0.all }), isFresh(all.readAt, at: now) {
            return all.list
        }
        return try await listLoads.value(for: "") { [self] in
            let list = EventList(try await database.read { try EventRows.glimpses(at: now, $0) })
            state.withLock { $0.all = (list, now) }
            return list
        }
    }

    /// How many events a page of a list shows.
    static let pageSize = 50

    /// One page of a list of events, from 1.
    func page(_ number: Int, of events: [EventRows.Glimpse]) async throws -> [Listing] {
        var listings: [Listing] = []
        for event in events.dropFirst((number - 1) * Self.pageSize).prefix(Self.pageSize) {
            listings.append(try await listing(slug: event.slug))
        }
        return listings
    }

    private func listing(of event: Event) async throws -> Listing {
        let map = try await map(id: event.mapId)
        let (tiers, sections) = try await database.read { connection in
            (
                try EventRows.tiers(of: event.id, connection),
                try EventRows.tierNumbers(of: event.id, connection)
            )
        }
        let tierOfSection = map.sections.compactMap { section in
            tiers.first { $0.number == sections[section.number] }
        }
        guard tierOfSection.count == map.sections.count else {
            throw SQLError.inconsistent("event \(event.slug) has a section without a price")
        }
        return Listing(event: event, map: map, tiers: tiers, tierOfSection: tierOfSection)
    }

    private func map(id: Int64) async throws -> SeatMap {
        if let map = state.withLock({ $0.maps[id] }) { return map }
        let map = try await database.read { try EventRows.map(id: id, $0) }
        return state.withLock { state in
            state.maps[id] = map
            return map
        }
    }
}
