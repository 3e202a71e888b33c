/// Gives seats to visitors for a while, all that were asked for or none.
struct HoldDesk: Sendable {
    /// What a visitor wants.
    enum Wanted: Sendable {
        case seats([Int])
        case best(BestAvailable.Wish)
        /// Places in a standing area, by section number.
        case standing(section: Int, count: Int)

        /// How many seats or places; 0 or less is for the desk to refuse.
        var count: Int {
            switch self {
            case .seats(let seats): seats.count
            case .best(let wish): wish.count
            case .standing(_, let count): count
            }
        }
    }

    /// How often a choice is made from the picture before the claims themselves are read.
    private static let guessLimit = 3

    let database: Database
    let board: AvailabilityBoard
    let pictures = SeatPictures()
    let mint: IdentifierMint
    let clock: WallClock
    let metrics: Metrics
    /// How long seats are held, if the operator overrules the events.
    var holdSeconds: Int?

    /// Holds seats and answers 201 with the hold. Throws `seats-taken`, `sold-out`, `sale-closed`, `limit-exceeded`.
    func place(
        _ wanted: Wanted,
        in listing: Listing,
        for visitor: Visitor,
        key: IdempotencyKey?
    ) async throws -> Answer {
        let availability: Availability? =
            if case .best = wanted { try await board.availability(of: listing) } else { nil }
        let body: @Sendable (SQLConnection) throws -> Answer = { connection in
            let now = clock.now()
            // Before the key, as where holds are placed together: so nobody waits in a circle.
            try VisitorTurn.take([visitor.sessionHash], connection)
            return try Idempotency.once(key, at: now, connection) {
                let hold = try insert(wanted, listing, visitor, availability, now, connection)
                return Answer(status: 201, hold: HoldDocument(hold, in: listing))
            }
        }
        do {
            let answer: Answer
            if let claim = claim(wanted, listing, visitor, availability, key) {
                answer = try await database.place(claim, body)
            } else if let availability, hasNothing(wanted, listing, availability) {
                answer = try await refuse(wanted, in: listing, key: key)
            } else {
                answer = try await database.write(body)
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

    /// Whether a snapshot, which is as new as what visitors see, has nothing for a wish.
    private func hasNothing(
        _ wanted: Wanted,
        _ listing: Listing,
        _ availability: Availability
    ) -> Bool {
        guard case .best(let wish) = wanted else { return false }
        return BestAvailable(listing: listing, states: availability.states).choose(wish, turn: 0)
            == nil
    }

    /// What was answered before to somebody for whom there is nothing now; else throws `sold-out`, or why nobody gets
    /// anything. Houses that are sold out are asked most: that must not keep those from writing who buy in another one.
    private func refuse(_ wanted: Wanted, in listing: Listing, key: IdempotencyKey?) async throws
        -> Answer
    {
        if let key, let stored = try await database.glance({ try Idempotency.answer(key, $0) }) {
            return stored
        }
        try check(wanted, listing.event, at: clock.now())
        throw Problem.soldOut
    }

    /// The hold as it will be if nothing stands against it; nil if something does, which the long way then finds.
    private func claim(
        _ wanted: Wanted,
        _ listing: Listing,
        _ visitor: Visitor,
        _ availability: Availability?,
        _ key: IdempotencyKey?
    ) -> HoldClaim? {
        let now = clock.now()
        guard listing.event.sale(at: now) == .open,
            (1...max(1, listing.event.maxPerOrder)).contains(wanted.count)
        else { return nil }
        let seats: [Int]
        var refusal: (@Sendable ([Int]) -> Problem)?
        switch wanted {
        case .seats(let wanted):
            seats = wanted
            refusal = { .seatsTaken($0, in: listing) }
        case .standing: return nil
        case .best(let wish):
            guard let availability,
                let chosen = pictures.choose(
                    wish,
                    in: listing,
                    knowing: availability,
                    turn: Int.random(in: 0..<1000),
                    at: now
                )
            else { return nil }
            seats = chosen
        }
        guard let items = try? items(seats, listing) else { return nil }
        let hold = hold(items, listing, visitor, id: mint.next(), at: now)
        return HoldClaim(
            hold: hold,
            createdAt: now,
            limit: listing.event.maxPerOrder,
            key: key,
            answer: Answer(status: 201, hold: HoldDocument(hold, in: listing)),
            refusal: refusal
        )
    }

    private func hold(
        _ items: [HoldItem],
        _ listing: Listing,
        _ visitor: Visitor,
        id: Int64,
        at now: Milliseconds
    ) -> Hold {
        Hold(
            id: id,
            eventId: listing.event.id,
            userId: visitor.identity?.userId,
            sessionHash: visitor.sessionHash,
            state: .active,
            expiresAt: now + Milliseconds(holdSeconds ?? listing.event.holdSeconds) * Span.second,
            items: items
        )
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
        try check(wanted, event, at: now)
        try checkLimit(wanted, event, visitor.sessionHash, at: now, connection)
        let empty = hold([], listing, visitor, id: mint.next(), at: now)
        let items = try claim(
            wanted,
            listing,
            availability,
            hold: empty.id,
            until: empty.expiresAt,
            connection
        )
        let hold = empty.with(items)
        try HoldRows.insert(hold, at: now, connection)
        HoldRows.touch(event: event.id, connection)
        return hold
    }

    /// Throws `limit-exceeded` if a visitor, whose turn it is, would hold too much, besides a hold that is
    /// about to keep something else.
    private func checkLimit(
        _ wanted: Wanted,
        _ event: Event,
        _ session: String,
        besides hold: Int64 = -1,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws {
        let active = try HoldRows.activeUnits(
            session: session,
            event: event.id,
            besides: hold,
            at: now,
            connection
        )
        guard active + wanted.count <= event.maxPerOrder else {
            throw Problem.limitExceeded("at most \(event.maxPerOrder) seats at a time")
        }
    }

    private func check(_ wanted: Wanted, _ event: Event, at now: Milliseconds) throws {
        let sale = event.sale(at: now)
        guard sale == .open else { throw Problem.saleClosed(sale) }
        guard wanted.count > 0 else { throw Problem.invalidBody("ask for at least one seat") }
        guard wanted.count <= event.maxPerOrder else {
            throw Problem.limitExceeded("at most \(event.maxPerOrder) seats in one order")
        }
    }

    private func claim(
        _ wanted: Wanted,
        _ listing: Listing,
        _ availability: Availability?,
        hold: Int64,
        until expiresAt: Milliseconds,
        _ connection: SQLConnection
    ) throws -> [HoldItem] {
        switch wanted {
        case .seats(let seats):
            let taken = try HoldRows.claim(
                seats,
                event: listing.event.id,
                hold: hold,
                until: expiresAt,
                connection
            )
            guard taken.isEmpty else { throw Problem.seatsTaken(taken, in: listing) }
            return try items(seats, listing)
        case .best(let wish):
            guard let availability else {
                throw SQLError.inconsistent("a choice without a picture")
            }
            return try items(
                claimBest(wish, listing, availability, hold, expiresAt, connection),
                listing
            )
        case .standing(let section, let count):
            return try claimStanding(section, count, listing, connection)
        }
    }

    private func claimStanding(
        _ section: Int,
        _ count: Int,
        _ listing: Listing,
        _ connection: SQLConnection
    ) throws -> [HoldItem] {
        guard let index = listing.map.sections.firstIndex(where: { $0.number == section }),
            listing.map.sections[index].standingCapacity != nil
        else { throw Problem.invalidBody("there is no such standing area") }
        let tier = listing.tierOfSection[index]
        let shards = try StandingStock.take(
            count,
            event: listing.event.id,
            section: section,
            turn: Int.random(in: 0..<1000),
            connection
        )
        guard let shards else { throw Problem.soldOut }
        return shards.enumerated().map { number, shard in
            HoldItem(
                number: number,
                section: section,
                seat: nil,
                shard: shard,
                tier: tier.number,
                amount: tier.amount,
                fee: tier.fee
            )
        }
    }

    /// Chooses and claims inside the transaction, so that a choice from an old picture costs a retry and not a refusal.
    /// After a few tries, or where the picture has nothing, it reads the claims: with one writer what is free then is
    /// ours; with several, another try may be needed. Where they leave nothing to choose there is nothing.
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
        let readLimit = connection.dialect == .sqlite ? 1 : 8
        var attempt = 0
        while attempt < Self.guessLimit + readLimit {
            let turn = Int.random(in: 0..<1000, using: &turns)
            let chosen =
                attempt < Self.guessLimit
                ? pictures.choose(wish, in: listing, knowing: availability, turn: turn, at: now)
                : pictures.chooseAnew(
                    wish,
                    in: listing,
                    states: try AvailabilityBoard.states(
                        of: event,
                        seatCount: listing.map.seats.count,
                        connection
                    ),
                    revision: try AvailabilityBoard.revision(of: event, connection),
                    turn: turn,
                    at: now
                )
            guard let seats = chosen else {
                guard attempt < Self.guessLimit else { break }
                attempt = Self.guessLimit
                continue
            }
            attempt += 1
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
        let hold = try await database.glance { try HoldRows.hold(id: id, $0) }
        guard let hold, visitor.owns(userId: hold.userId, sessionHash: hold.sessionHash) else {
            throw Problem.notFound
        }
        return hold
    }

    /// Exchanges what an active hold keeps for something else, all or nothing, until the same moment. Throws as placing
    /// does, and `hold-expired`.
    func change(
        id: Int64,
        to wanted: Wanted,
        in listing: Listing,
        for visitor: Visitor,
        key: IdempotencyKey?
    ) async throws -> Answer {
        let availability = try await board.availability(of: listing)
        return try await database.write { connection in
            let now = clock.now()
            guard let known = try HoldRows.hold(id: id, connection),
                visitor.owns(userId: known.userId, sessionHash: known.sessionHash)
            else { throw Problem.notFound }
            // The hold may be that of another session of the visitor's account.
            try VisitorTurn.take([known.sessionHash, visitor.sessionHash], connection)
            return try Idempotency.once(key, at: now, connection) {
                guard let hold = try HoldRows.hold(id: id, connection) else {
                    throw Problem.notFound
                }
                try check(wanted, listing.event, at: now)
                try checkLimit(
                    wanted,
                    listing.event,
                    hold.sessionHash,
                    besides: id,
                    at: now,
                    connection
                )
                guard hold.expiresAt > now, try HoldRows.seize(id, connection) else {
                    throw Problem.holdExpired
                }
                try HoldRows.giveBack(id, event: hold.eventId, connection)
                let items = try claim(
                    wanted,
                    listing,
                    availability,
                    hold: id,
                    until: hold.expiresAt,
                    connection
                )
                let changed = hold.with(items)
                try HoldRows.replaceItems(of: changed, connection)
                return Answer(status: 200, hold: HoldDocument(changed, in: listing))
            }
        }
    }

    /// Gives the seats back. Doing it twice is doing it once.
    func release(id: Int64, for visitor: Visitor) async throws {
        let hold = try await hold(id: id, for: visitor)
        try await database.write { connection in
            guard try HoldRows.compareAndSet(hold.id, to: .released, connection) else { return }
            try HoldRows.giveBack(hold.id, event: hold.eventId, connection)
        }
    }
}
