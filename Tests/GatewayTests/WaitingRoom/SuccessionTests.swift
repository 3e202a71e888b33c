import Glibc
import Support
import Synchronization
import Testing
import Transport

@testable import Gateway

/// A room that passes from one process to the next, both of them played here.
@Suite
struct SuccessionTests {
    private static let session = SessionID(high: 0x0123_4567_89AB_CDEF, low: 42)

    @Test(arguments: [
        QueueQuestion.state(hasKeys: true), .state(hasKeys: false), .touch(session),
        .mark(7, aliveUntil: 1_795_000_000_000),
        .join(aliveUntil: 5), .register(opensAt: 6, key: 7),
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
        .invite(8, moves: 2, Invitation(name: "c:SUMMER 24", uses: 9)),
        .offer(
            QueueOffer(place: QueuePlace(epoch: 1, position: 2), isInvited: true, moves: 3),
            code: "23456789"
        ),
        .redeem("23456789"), .renew(session, adopts: true), .leave(session), .giveUp(10, moves: 1),
        .withdraw(3, of: 1_795_000_000_000, epoch: 4),
        .decide("mode=pause capacity=20"), .decide(""),
    ])
    func `A question reads as it was written`(question: QueueQuestion) {
        #expect(QueueQuestion(text: question.text[...]) == question)
    }

    @Test(arguments: [
        "", "touch", "touch x", "claim 1 2 3", "join", "join x", "offer 1 2 3 4", "wake 1",
        "give-up 1", "withdraw 1 2",
        "invite 1 2 3",
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

        /// - Parameters:
        ///   - opens: whether the new one takes the room, once it has heard of it.
        init(
            _ settings: WaitingRoomSettings,
            opens: @escaping @Sendable () -> Bool = { true }
        ) throws {
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
            try other.serve(
                SuccessionLink.Handler(
                    take: { room, text, log in
                        guard room == "onsale", opens(),
                            let record = QueueLuggage.unpack(record: text, log: log)
                        else { return false }
                        receipts.proceed(from: log)
                        let now = clock.time.load(ordering: .relaxed)
                        return new.arrive(record, journal: nil, now: now)
                    },
                    answer: { room, question in
                        guard room == "onsale" else { return nil }
                        return new.askWaiting(question, now: clock.time.load(ordering: .relaxed))
                    },
                    end: { _ in }
                )
            )
        }

        var now: Int64 { clock.time.load(ordering: .relaxed) }

        /// Whether the new one has it when it has heard of it.
        func depart() async -> Bool {
            let now = now
            return await withCheckedContinuation { continuation in
                old.depart(to: link, log: receipts.old, now: now) {
                    continuation.resume(returning: $0)
                }
            }
        }

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
        #expect(passage.link.isGreeted(withinSeconds: 30))
        #expect(await passage.depart())
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

    @Test func `Who left before the draw comes along, and only of the present line`() async throws {
        let passage = try Passage(Self.settings { $0.capacity = 1 })
        let (old, new, now) = (passage.old, passage.new, passage.now)
        let opensAt = now + 60_000
        var name: Int64 = 0
        for _ in 0..<3 {
            name =
                try await old.register(opensAt: opensAt, key: 0, insteadOf: nil, now: now)?.name
                ?? 0
        }
        try await old.withdraw(1, of: name, epoch: 2, now: now)
        try await old.withdraw(2, of: name, epoch: 3, now: now)
        #expect(passage.link.isGreeted(withinSeconds: 30))
        #expect(await passage.depart())
        try await new.tick(now: opensAt)
        let draw = new.snapshot().draw
        #expect(draw.count == 3)
        #expect(try await new.withdrawn(from: draw, now: opensAt) == [2])
    }

    @Test func `What the old process is asked it asks the new one`() async throws {
        let passage = try Passage(Self.settings { $0.capacity = 1 })
        let (old, new) = (passage.old, passage.new)
        _ = try await old.join(aliveUntil: passage.now + 8_000, now: passage.now)
        _ = try await old.claim(passage.turn(1), now: passage.now)
        #expect(passage.link.isGreeted(withinSeconds: 30))
        #expect(await passage.depart())
        let places = [
            try await old.join(aliveUntil: passage.now + 8_000, now: passage.now)?.position,
            try await new.join(aliveUntil: passage.now + 8_000, now: passage.now)?.position,
            try await old.join(aliveUntil: passage.now + 8_000, now: passage.now)?.position,
        ]
        #expect(places == [2, 3, 4])
        let session = passage.turn(1).session
        // Who has to wait for an answer does so where waiting is possible.
        #expect(old.touch(session, now: passage.now) == .unknown)
        #expect(
            try await old.renew(session, adopts: true, now: passage.now) == passage.now + 60_000
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
        #expect(passage.link.isGreeted(withinSeconds: 30))
        #expect(await passage.depart())
        #expect(
            try await new.join(aliveUntil: passage.now + 8_000, now: passage.now)?.position == 5
        )
        #expect(try await new.place(second, now: passage.now)?.position == 4)
        #expect(try await new.place(first, now: passage.now)?.position == 3)
        #expect(try await new.place(first, now: passage.now)?.position == 3, "the same again")
    }

    @Test func `A room that was offered is gone, also if the other one is gone or refuses it`()
        async throws
    {
        let settings = Self.settings { $0.capacity = 1 }
        let pair = try #require(SuccessionLink.pair())
        do { _ = SuccessionLink(descriptor: pair.other) }
        #expect(!pair.link.isGreeted())
        let passages = [try Passage(settings, opens: { false })].map { ($0.old, $0.link) }
        for (store, link) in passages + [
            (MemoryQueueStore(settings: settings, epoch: 3), pair.link)
        ] {
            _ = try await store.join(aliveUntil: 9_000, now: 1)
            let isTaken = await withCheckedContinuation { continuation in
                store.depart(to: link, log: ReceiptLog(room: "onsale"), now: 1) {
                    continuation.resume(returning: $0)
                }
            }
            #expect(!isTaken)
            await #expect(throws: QueueStoreError.away) {
                try await store.join(aliveUntil: 9_000, now: 1)
            }
            let turn = QueueTurn(
                place: QueuePlace(epoch: 3, position: 1),
                session: Self.session,
                aliveUntil: 9_000
            )
            await #expect(throws: QueueStoreError.away) { try await store.claim(turn, now: 1) }
            #expect(!store.isComing)
        }
    }

    @Test func `What was offered in vain is written down for whoever goes on`() async throws {
        let folder = try TemporaryFolder()
        let settings = Self.settings { $0.capacity = 2 }
        let store = MemoryQueueStore(
            settings: settings,
            journal: try QueueJournal(directory: folder.path, room: "onsale"),
            now: 1_000
        )
        let first = try #require(try await store.join(aliveUntil: 9_000, now: 1_000))
        let turn = QueueTurn(place: first, session: Self.session, aliveUntil: 9_000)
        _ = try await store.claim(turn, now: 1_000)
        #expect(throws: QueueJournal.Problem.taken) {
            try QueueJournal(directory: folder.path, room: "onsale")
        }
        let pair = try #require(SuccessionLink.pair())
        close(pair.other)
        _ = await withCheckedContinuation { continuation in
            store.depart(to: pair.link, log: ReceiptLog(room: "onsale"), now: 2_000) {
                continuation.resume(returning: $0)
            }
        }
        let next = MemoryQueueStore(
            settings: settings,
            journal: try QueueJournal(directory: folder.path, room: "onsale"),
            now: 3_000
        )
        #expect(next.snapshot().activeCount == 1)
        #expect(try await next.join(aliveUntil: 9_000, now: 3_000)?.position == 2)
    }

    @Test func `No worker waits while a room is on its way, and nothing that is asked is lost`()
        async throws
    {
        let (isHere, mayGoOn) = (Semaphore(), Semaphore())
        let passage = try Passage(Self.settings { $0.capacity = 1 }) {
            isHere.signal()
            mayGoOn.wait()
            return true
        }
        let (old, new, now) = (passage.old, passage.new, passage.now)
        _ = try await old.join(aliveUntil: now + 8_000, now: now)
        async let isTaken = passage.depart()
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isStarted: ()? = try? Thread.start {
                isHere.wait()
                continuation.resume()
            }
            if isStarted == nil { continuation.resume() }
        }
        async let second = old.join(aliveUntil: now + 8_000, now: now)
        #expect(old.snapshot().tail == 1)
        #expect(old.touch(Self.session, now: now) == .unknown)
        old.mark(1, aliveUntil: now + 9_000)
        #expect(new.isComing)
        mayGoOn.signal()
        #expect(await isTaken)
        #expect(try await second?.position == 2)
        #expect(try await new.join(aliveUntil: now + 8_000, now: now)?.position == 3)
    }

    @Test func `A place without a number has one as soon as there are numbers, and only one`()
        async throws
    {
        let passage = try Passage(Self.settings { $0.capacity = 1 })
        let (new, now) = (passage.new, passage.now)
        #expect(await passage.depart())
        // Given out between the failure and the arrival of the queue.
        let late = new.provision(now: now)
        #expect(new.snapshot().tail == 1)
        let stranger = ProvisionalPlace(milliseconds: now, node: 9, sequence: 9)
        for _ in 0..<3 {
            #expect(try await new.place(late, now: now)?.position == 1)
            #expect(try await new.place(stranger, now: now)?.position == 2)
        }
        #expect(new.snapshot().tail == 2)
    }

    @Test func `Numbers of places without one are kept until they are past their grace`() throws {
        var settings = WaitingRoomSettings(name: "onsale")
        settings.graceSeconds = 30
        var queue = ProcessQueue(rules: QueueRules(settings), epoch: 1)
        let place = ProvisionalPlace(milliseconds: 1, node: 2, sequence: 3)
        #expect(queue.answer(.place(place), now: 1_000) == [1, 1])
        queue.tick(now: 30_000)
        let record = try #require(QueueRecord(text: queue.record.text))
        #expect(record.moment.provisions == [place: 1])
        var next = ProcessQueue(
            rules: QueueRules(settings),
            record: record,
            control: RoomControl(),
            journal: nil,
            now: 30_000
        )
        #expect(next.answer(.place(place), now: 30_000) == [1, 1])
        for second in 31...90 as ClosedRange<Int64> { next.tick(now: second * 1_000) }
        #expect(next.record.moment.provisions.isEmpty)
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
