/// Gives seats to visitors for a while, all that were asked for or none.
struct HoldDesk: Sendable {
    /// What a visitor wants.
    enum Wanted: Sendable {
        case seats([Int])
        case best(BestAvailable.Wish)
    }

    /// How often a choice is made from the picture before the claims themselves are read.
    private static let guessLimit = 3

    let database: Database
    let board: AvailabilityBoard
    let pictures = SeatPictures()
    let mint: IdentifierMint
    let clock: WallClock
    let metrics: Metrics

    /// Holds seats and answers 201 with the hold. Throws `seats-taken`, `sold-out`, `sale-closed`, `limit-exceeded`.
    func place(
        _ wanted: Wanted,
        in listing: Listing,
        for visitor: Visitor,
        key: IdempotencyKey?
    ) async throws -> Answer {
        let availability: Availability? =
            if case .best = wanted { try await board.availability(of: listing) } else { nil }
        do {
            let answer = try await database.write { connection in
                let now = clock.now()
                return try Idempotency.once(key, at: now, connection) {
                    let hold = try insert(wanted, listing, visitor, availability, now, connection)
                    return Answer(status: 201, HoldDocument(hold, in: listing))
                }
            }
            metrics.count(
                "bookme_holds_total",
                ["outcome": answer.isReplay ? "replayed" : "placed"]
            )
            return answer
        } catch let problem as Problem {
            metrics.count("bookme_holds_total", ["outcome": problem.slug])
            throw problem
        }
    }

    private func insert(
        _ wanted: Wanted,
        _ listing: Listing,
        _ visitor: Visitor,
        _ availability: Availability?,
        _ now: Milliseconds,
        _ connection: SQLConnection
    ) throws -> Hold {
        let event = listing.event
        let sale = event.sale(at: now)
        guard sale == .open else { throw Problem.saleClosed(sale) }
        let count = try units(of: wanted, event)
        let active = try HoldRows.activeUnits(
            session: visitor.sessionHash,
            event: event.id,
            at: now,
            connection
        )
        guard active + count <= event.maxPerOrder else {
            throw Problem.limitExceeded("at most \(event.maxPerOrder) seats at a time")
        }
        let id = mint.next()
        let expiresAt = now + Milliseconds(event.holdSeconds) * Span.second
        let seats = try claim(wanted, listing, availability, hold: id, until: expiresAt, connection)
        let hold = Hold(
            id: id,
            eventId: event.id,
            userId: visitor.identity?.userId,
            sessionHash: visitor.sessionHash,
            state: .active,
            expiresAt: expiresAt,
            items: try items(seats, listing)
        )
        try HoldRows.insert(hold, at: now, connection)
        try HoldRows.touch(event: event.id, connection)
        return hold
    }

    private func units(of wanted: Wanted, _ event: Event) throws -> Int {
        let count =
            switch wanted {
            case .seats(let seats): seats.count
            case .best(let wish): wish.count
            }
        guard count > 0 else { throw Problem.invalidBody("ask for at least one seat") }
        guard count <= event.maxPerOrder else {
            throw Problem.limitExceeded("at most \(event.maxPerOrder) seats in one order")
        }
        return count
    }

    private func claim(
        _ wanted: Wanted,
        _ listing: Listing,
        _ availability: Availability?,
        hold: Int64,
        until expiresAt: Milliseconds,
        _ connection: SQLConnection
    ) throws -> [Int] {
        switch wanted {
        case .seats(let seats):
            let taken = try HoldRows.claim(
                seats,
                event: listing.event.id,
                hold: hold,
                until: expiresAt,
                connection
            )
            guard taken.isEmpty else {
                throw Problem.seatsTaken(taken.compactMap(listing.map.label(of:)))
            }
            return seats
        case .best(let wish):
            guard let availability else {
                throw SQLError.inconsistent("a choice without a picture")
            }
            return try claimBest(wish, listing, availability, hold, expiresAt, connection)
        }
    }

    /// Chooses and claims inside the transaction, so that a choice from an old picture costs a retry and not a refusal.
    /// After a few tries it reads the claims: nobody else writes meanwhile, so what is free then is ours.
    private func claimBest(
        _ wish: BestAvailable.Wish,
        _ listing: Listing,
        _ availability: Availability,
        _ hold: Int64,
        _ expiresAt: Milliseconds,
        _ connection: SQLConnection
    ) throws -> [Int] {
        let event = listing.event.id
        let now = clock.now()
        var turns = SystemRandomNumberGenerator()
        for attempt in 0...Self.guessLimit {
            if attempt == Self.guessLimit {
                let states = try AvailabilityBoard.states(
                    of: event,
                    seatCount: listing.map.seats.count,
                    connection
                )
                let revision = try AvailabilityBoard.revision(of: event, connection)
                pictures.replace(listing, states: states, revision: revision, at: now)
            }
            let turn = Int.random(in: 0..<1000, using: &turns)
            guard
                let seats = pictures.choose(
                    wish,
                    in: listing,
                    knowing: availability,
                    turn: turn,
                    at: now
                )
            else {
                continue
            }
            let taken = try HoldRows.claim(
                seats,
                event: event,
                hold: hold,
                until: expiresAt,
                connection
            )
            if taken.isEmpty { return seats }
            try HoldRows.releaseClaims(of: hold, connection)
        }
        throw Problem.soldOut
    }

    private func items(_ seats: [Int], _ listing: Listing) throws -> [HoldItem] {
        try seats.enumerated().map { number, seat in
            guard let tier = listing.tier(ofSeat: seat) else {
                throw Problem.invalidBody("there is no seat \(seat)")
            }
            return HoldItem(
                number: number,
                section: listing.map.seats[seat].section,
                seat: seat,
                tier: tier.number,
                amount: tier.amount,
                fee: tier.fee
            )
        }
    }

    /// The hold, if it belongs to the visitor; throws `not-found`.
    func hold(id: Int64, for visitor: Visitor) async throws -> Hold {
        let hold = try await database.read { try HoldRows.hold(id: id, $0) }
        guard let hold, visitor.owns(userId: hold.userId, sessionHash: hold.sessionHash) else {
            throw Problem.notFound
        }
        return hold
    }

    /// Gives the seats back. Doing it twice is doing it once.
    func release(id: Int64, for visitor: Visitor) async throws {
        let hold = try await hold(id: id, for: visitor)
        try await database.write { connection in
            guard try HoldRows.compareAndSet(hold.id, to: .released, connection) else { return }
            try HoldRows.releaseClaims(of: hold.id, connection)
            try HoldRows.touch(event: hold.eventId, connection)
        }
    }
}
