import Support
import Testing

@testable import Ticketing

struct HoldBatchTests {
    /// A visitor's wish as the desk hands it to a batch; `isChoice` if other seats will do.
    private static func claim(
        _ seats: [Int],
        _ name: String,
        isChoice: Bool = false,
        key: IdempotencyKey? = nil,
        in listing: Listing,
        on fixture: ShopFixture
    ) -> HoldClaim {
        let now = fixture.clock.wallClock.now()
        let items = seats.enumerated().map { number, seat in
            HoldItem(number: number, section: 1, seat: seat, tier: 1, amount: 4500, fee: 250)
        }
        let hold = Hold(
            id: fixture.shop.mint.next(),
            eventId: listing.event.id,
            userId: nil,
            sessionHash: Token.hash(name),
            state: .active,
            expiresAt: now + Span.minute,
            items: items
        )
        let refusal: @Sendable ([Int]) -> Problem = { .seatsTaken($0, in: listing) }
        return HoldClaim(
            hold: hold,
            createdAt: now,
            limit: 6,
            key: key,
            answer: Answer(status: 201, hold: HoldDocument(hold, in: listing)),
            refusal: isChoice ? nil : refusal
        )
    }

    private static func text(_ outcome: Result<Answer, any Error>?) -> String {
        switch outcome {
        case .success: "placed"
        case .failure(let error): ((error as? Problem)?.taken ?? []).joined(separator: " ")
        case nil: "left"
        }
    }

    @Test(arguments: Engine.tested)
    func `A batch places, refuses by name, and leaves what it cannot know`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        _ = try await fixture.hold([0])
        let listing = try await fixture.listing()
        let claims = [
            Self.claim([1, 0], "one of two is taken", in: listing, on: fixture),
            Self.claim([2, 1], "the first one's seat becomes free", in: listing, on: fixture),
            Self.claim([4], "free", in: listing, on: fixture),
            Self.claim([5, 4], "somebody in the batch was faster", in: listing, on: fixture),
            Self.claim([0], "other seats will do", isChoice: true, in: listing, on: fixture),
            Self.claim([6, 6], "one seat twice", in: listing, on: fixture),
        ]
        let outcomes = try await fixture.shop.database.write { connection in
            try HoldBatch.place(claims, connection).map(Self.text)
        }
        #expect(outcomes == ["ST-A-1", "left", "placed", "ST-A-5", "left", "left"])
        #expect(try await fixture.count("SELECT COUNT(*) FROM holds") == 2)
        #expect(try await fixture.count("SELECT COUNT(*) FROM seat_claims") == 2)
        #expect(try await fixture.count("SELECT seat_no FROM seat_claims WHERE seat_no > 0") == 4)
    }

    /// Runs a batch as a writer does; what it leaves is placed alone under its key.
    private static func run(_ claims: [HoldClaim], _ connection: SQLConnection) throws
        -> [Result<Answer, any Error>]
    {
        let outcomes = claims.map { _ in WriteOutcome<Answer>() }
        let jobs = zip(claims, outcomes).map { claim, outcome in
            WriteJob(
                attempt: {
                    outcome.attempt({ try Self.placeAlone(claim, $0) }, on: $0, isGuarded: $1)
                },
                settle: { _ in },
                claim: claim,
                accept: outcome.accept
            )
        }
        try WriteBatch.run(jobs, on: connection)
        return outcomes.map { $0.result(unless: nil) }
    }

    private static func placeAlone(_ claim: HoldClaim, _ connection: SQLConnection) throws -> Answer {
        let hold = claim.hold
        return try Idempotency.once(claim.key, at: claim.createdAt, connection) {
            let taken = try HoldRows.claim(
                claim.seats,
                event: hold.eventId,
                hold: hold.id,
                until: hold.expiresAt,
                connection
            )
            guard taken.isEmpty else { throw Problem.soldOut }
            try HoldRows.insert(hold, at: claim.createdAt, connection)
            return claim.answer
        }
    }

    /// One request reached two servers. As visitors who do not take turns: so their batches meet at the
    /// seat, or only at the key if the second one would choose another seat.
    @Test(arguments: Engine.tested, [0, 5])
    func `Of two batches with one key at once the first writes and the second answers alike`(
        engine: Engine,
        second: Int
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let other = try fixture.otherProcess()
        let listing = try await fixture.listing()
        let key = try ShopFixture.key("both")
        let claim = { (seat: Int, name: String, key: IdempotencyKey?) in
            Self.claim([seat], name, key: key, in: listing, on: fixture)
        }
        let here = [claim(0, "here", key), claim(1, "beside", nil)]
        let there = [claim(second, "there", key), claim(3, "beside it", nil)]
        let (first, waiting) = try await fixture.shop.database.write { connection in
            let first = try Self.run(here, connection)
            let waiting = Task {
                try await other.database.write { try Self.run(there, $0) }
            }
            if engine == .mariadb {
                let isWaiting = eventually(within: Patience.long) { connection.hasWaiters }
                #expect(isWaiting)
            }
            return (first, waiting)
        }
        let later = try await waiting.value
        #expect(try first.map { try $0.get().isReplay } == [false, false])
        #expect(try later.map { try $0.get().isReplay } == [true, false])
        #expect(try later.first?.get().body == first.first?.get().body)
        #expect(try await fixture.count("SELECT COUNT(*) FROM holds") == 3)
        #expect(try await fixture.count("SELECT COUNT(*) FROM seat_claims WHERE seat_no < 4") == 3)
        #expect(try await fixture.count("SELECT COUNT(*) FROM seat_claims") == 3)
        try other.database.close()
    }

    @Test(arguments: Engine.tested)
    func `A batch leaves a key that was used, one that comes twice, and whoever wants too much`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let listing = try await fixture.listing()
        let key = try ShopFixture.key("used")
        let twice = try ShopFixture.key("twice")
        let used = [
            Self.claim([0], "first", key: key, in: listing, on: fixture),
            Self.claim([1, 2, 3, 4], "has four", in: listing, on: fixture),
        ]
        let claims = [
            Self.claim([5], "first again", key: key, in: listing, on: fixture),
            Self.claim([6, 7, 8], "has four", in: listing, on: fixture),
            Self.claim([9], "first of two", key: twice, in: listing, on: fixture),
            Self.claim([10], "second of two", key: twice, in: listing, on: fixture),
            Self.claim([11], "twice here", in: listing, on: fixture),
            Self.claim([12], "twice here", in: listing, on: fixture),
        ]
        let outcomes = try await fixture.shop.database.write { connection in
            let before = try HoldBatch.place(used, connection).map(Self.text)
            return try before + HoldBatch.place(claims, connection).map(Self.text)
        }
        #expect(
            outcomes == ["placed", "placed", "left", "left", "placed", "left", "placed", "left"]
        )
        #expect(try await fixture.count("SELECT COUNT(*) FROM seat_claims") == 7)
    }

    @Test
    func `Who was refused is not, if the commit fails: others of it may have been the reason`() {
        let together = WriteOutcome<Int>()
        together.accept(.failure(Problem.soldOut))
        #expect(throws: SQLError.self) { try together.result(unless: SQLError.deadlock).get() }
        #expect(throws: Problem.soldOut) { try together.result(unless: nil).get() }
        let alone = WriteOutcome<Int>()
        #expect(throws: SQLError.self) { try alone.result(unless: nil).get() }
    }
}
