import Testing

@testable import Ticketing

struct HoldBatchTests {
    /// A visitor's wish as the desk hands it to a batch; `isChoice` if other seats will do.
    private static func claim(
        _ seats: [Int],
        _ name: String,
        isChoice: Bool = false,
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
            key: nil,
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

    @Test func `Who was refused for the sake of others is not, if their commit fails`() {
        let together = WriteOutcome<Int>()
        together.accept(.failure(Problem.soldOut))
        #expect(throws: SQLError.self) { try together.result(unless: SQLError.deadlock).get() }
        #expect(throws: Problem.soldOut) { try together.result(unless: nil).get() }
    }
}
