import Synchronization
import Testing

@testable import Gateway

/// A room that passes from one process to the next, both of them played here.
@Suite
struct SuccessionTests {
    private static let session = SessionID(high: 0x0123_4567_89AB_CDEF, low: 42)

    @Test(arguments: [
        QueueQuestion.state, .touch(session), .mark(7, aliveUntil: 1_795_000_000_000),
        .join(aliveUntil: 5), .register(opensAt: 6),
        .provision(ProvisionalPlace(milliseconds: 1, node: 2, sequence: 3)),
        .place(ProvisionalPlace(milliseconds: 1, node: 2, sequence: 3)),
        .claim(
            QueueTurn(
                place: QueuePlace(epoch: 4, position: 5),
                session: session,
                aliveUntil: 6,
                moves: 7
            )
        ),
        .invite(8, Invitation(name: "c:SUMMER 24", uses: 9)),
        .offer(
            QueueOffer(place: QueuePlace(epoch: 1, position: 2), isInvited: true, moves: 3),
            code: "23456789"
        ),
        .redeem("23456789"), .renew(session, adopts: true), .leave(session), .giveUp(10),
        .decide("mode=pause capacity=20"), .decide(""),
    ])
    func `A question reads as it was written`(question: QueueQuestion) {
        #expect(QueueQuestion(text: question.text[...]) == question)
    }

    @Test(arguments: [
        "", "touch", "touch x", "claim 1 2 3", "join", "join x", "offer 1 2 3 4", "wake 1",
    ])
    func `What is no question is none`(text: String) {
        #expect(QueueQuestion(text: text[...]) == nil)
    }

    /// Two places for one room, and what connects them.
    private struct Passage {
        let old: MemoryQueueStore
        let new: MemoryQueueStore
        let link: SuccessionLink
        let receipts = (old: ReceiptLog(room: "onsale"), new: ReceiptLog(room: "onsale"))
        let clock = SceneClock()

        init(_ settings: WaitingRoomSettings) throws {
            let pair = try #require(SuccessionLink.pair())
            link = pair.link
            link.begin(secret: [1, 2, 3])
            old = MemoryQueueStore(settings: settings, epoch: 3)
            let clock = self.clock
            let new = MemoryQueueStore(coming: settings, now: clock.time.load(ordering: .relaxed)) {
                clock.time.add($0, ordering: .relaxed)
            }
            self.new = new
            let receipts = self.receipts.new
            let other = SuccessionLink(descriptor: pair.other)
            #expect(other.secret() == [1, 2, 3])
            other.serve(
                SuccessionLink.Handler(
                    take: { room, text, log in
                        guard room == "onsale", let record = QueueRecord(text: text) else {
                            return false
                        }
                        receipts.proceed(from: log)
                        let now = clock.time.load(ordering: .relaxed)
                        return new.arrive(record, journal: nil, now: now)
                    },
                    answer: { room, question in
                        guard room == "onsale" else { return nil }
                        return new.ask(question, now: clock.time.load(ordering: .relaxed))
                    },
                    end: { _ in }
                )
            )
        }

        var now: Int64 { clock.time.load(ordering: .relaxed) }

        func turn(_ position: Int64) -> QueueTurn {
            QueueTurn(
                place: QueuePlace(epoch: 3, position: position),
                session: SessionID(high: 7, low: UInt64(position)),
                aliveUntil: now + 8_000
            )
        }
    }

    private static func settings(_ change: (inout WaitingRoomSettings) -> Void)
        -> WaitingRoomSettings
    {
        var settings = WaitingRoomSettings(name: "onsale")
        settings.ratePerSecond = 100
        settings.sessionSeconds = 60
        change(&settings)
        return settings
    }

    @Test func `Whoever is called up, how much of the rate is used and who is gone come along`()
        async throws
    {
        let passage = try Passage(
            Self.settings { ($0.capacity, $0.burst, $0.ratePerSecond) = (4, 3, 0.01) }
        )
        let (old, new) = (passage.old, passage.new)
        for _ in 0..<6 { _ = try await old.join(aliveUntil: passage.now + 8_000, now: passage.now) }
        for position in 1...2 as ClosedRange<Int64> {
            _ = try await old.claim(passage.turn(position), now: passage.now)
        }
        let before = old.snapshot()
        #expect(before.reservedCount == 1)
        #expect(old.depart(to: passage.link, room: "onsale", log: passage.receipts.old))
        #expect(!old.isComing)
        let after = new.snapshot()
        #expect(after.numbers == before.numbers)
        // The burst of three was used up by those who are in and the one who is called up.
        #expect(try await old.claim(passage.turn(4), now: passage.now) == .waiting)
        guard case .admitted = try await old.claim(passage.turn(3), now: passage.now) else {
            Issue.record("the one who was called up does not get in")
            return
        }
        #expect(new.snapshot().figures.admissions == 3)
        #expect(passage.receipts.new.entries(after: 0, limit: 10).entries.count == 2)
        #expect(passage.receipts.new.cursor == 0, "the next admission is the first of its own")
    }

    @Test func `What the old process is asked it asks the new one`() async throws {
        let passage = try Passage(Self.settings { $0.capacity = 1 })
        let (old, new) = (passage.old, passage.new)
        _ = try await old.join(aliveUntil: passage.now + 8_000, now: passage.now)
        _ = try await old.claim(passage.turn(1), now: passage.now)
        #expect(old.depart(to: passage.link, room: "onsale", log: passage.receipts.old))
        let places = [
            try await old.join(aliveUntil: passage.now + 8_000, now: passage.now)?.position,
            try await new.join(aliveUntil: passage.now + 8_000, now: passage.now)?.position,
            try await old.join(aliveUntil: passage.now + 8_000, now: passage.now)?.position,
        ]
        #expect(places == [2, 3, 4])
        let session = passage.turn(1).session
        #expect(
            old.touch(session, now: passage.now) == .active(untilMilliseconds: passage.now + 60_000)
        )
        try await old.leave(session, now: passage.now)
        #expect(new.touch(session, now: passage.now) == .unknown)
        try await old.tick(now: passage.now)
        #expect(old.snapshot().tail == 4)
        try await old.decide(RoomControl(text: "capacity=9", version: 0), now: passage.now)
        #expect(new.control.capacity == 9)
    }

    @Test
    func `Who comes before the room does gets a place without a number, and then one in order`()
        async throws
    {
        let passage = try Passage(Self.settings { $0.capacity = 1 })
        let (old, new) = (passage.old, passage.new)
        for _ in 0..<2 { _ = try await old.join(aliveUntil: passage.now + 8_000, now: passage.now) }
        // Nobody is let in on what is not known, and nobody is turned away.
        await #expect(throws: QueueStoreError.away) {
            try await new.join(aliveUntil: passage.now + 8_000, now: passage.now)
        }
        let first = new.provision(now: passage.now)
        let second = new.provision(now: passage.now)
        #expect(old.depart(to: passage.link, room: "onsale", log: passage.receipts.old))
        #expect(
            try await new.join(aliveUntil: passage.now + 8_000, now: passage.now)?.position == 5
        )
        #expect(try await new.place(second, now: passage.now)?.position == 4)
        #expect(try await new.place(first, now: passage.now)?.position == 3)
        #expect(try await new.place(first, now: passage.now)?.position == 3, "the same again")
    }

    @Test func `A room that nobody takes stays where it is`() async throws {
        let settings = Self.settings { $0.capacity = 1 }
        let store = MemoryQueueStore(settings: settings, epoch: 3)
        let pair = try #require(SuccessionLink.pair())
        // The other process is gone.
        do { _ = SuccessionLink(descriptor: pair.other) }
        #expect(!store.depart(to: pair.link, room: "onsale", log: ReceiptLog(room: "onsale")))
        #expect(try await store.join(aliveUntil: 9, now: 1)?.position == 1)
    }

    @Test func `A chain of admissions goes on in the next process`() {
        let (old, new) = (ReceiptLog(room: "onsale"), ReceiptLog(room: "onsale"))
        let admissions = (1...3).map {
            Admission(
                index: Int64($0),
                position: Int64($0),
                sessionDigest: "d\($0)",
                milliseconds: 60_000 * Int64($0)
            )
        }
        old.append(Array(admissions[0...1]))
        new.proceed(from: old.text)
        old.append([admissions[2]])
        new.append([
            Admission(index: 1, position: 3, sessionDigest: "d3", milliseconds: 180_000)
        ])
        let (left, right) = (
            old.entries(after: 0, limit: 9).entries, new.entries(after: 0, limit: 9).entries
        )
        #expect(left.map(\.hash) == right.map(\.hash))
        #expect(old.roots.map(\.hash) == new.roots.map(\.hash))
        new.proceed(from: "nonsense")
        #expect(new.entries(after: 0, limit: 9).entries.count == 3)
    }
}
