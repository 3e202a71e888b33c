import Foundation
import Support
import Synchronization
import Testing

@testable import Gateway

/// What is left of a room whose files cannot all be written, or not to the end.
@Suite
struct QueueJournalTests {
    /// A room kept in a folder, and what operators heard of its files.
    private final class Room {
        let folder: TemporaryFolder
        let store: MemoryQueueStore
        private let told = Told()

        private final class Told: Sendable {
            let reports = Mutex<[Bool]>([])
        }

        init(_ folder: TemporaryFolder, now: Int64) throws {
            self.folder = folder
            let journal = try QueueJournal(directory: folder.path, room: "onsale") {
                [told] isWhole in
                told.reports.withLock { $0.append(isWhole) }
            }
            let settings = WaitingRoomSettings(name: "onsale")
            store = MemoryQueueStore(settings: settings, journal: journal, now: now)
        }

        var reports: [Bool] { told.reports.withLock { $0 } }

        var files: [String] {
            get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
        }

        /// What a process finds that starts after this one was killed.
        func afterKill(now: Int64) throws -> Room {
            let copy = try TemporaryFolder()
            for name in try files where !name.hasSuffix(".lock") && !name.hasSuffix(".new") {
                try copy.write(folder.read(name), to: name)
            }
            return try Room(copy, now: now)
        }
    }

    @Test func `A room whose record cannot be written says so once, and forgets nothing`()
        async throws
    {
        let room = try Room(TemporaryFolder(), now: 1_000)
        let obstacle = room.folder.file("room-onsale.new")
        try FileManager.default.createDirectory(
            atPath: obstacle,
            withIntermediateDirectories: false
        )
        var now: Int64 = 1_000
        for _ in 0..<5 {
            now += 60_000
            try await room.store.tick(now: now)
            let place = try #require(try await room.store.join(aliveUntil: now + 9_000, now: now))
            let session = SessionID(high: UInt64(now), low: 0)
            let turn = QueueTurn(place: place, session: session, aliveUntil: now + 9_000)
            _ = try await room.store.claim(turn, now: now)
        }
        #expect(room.reports == [false])
        #expect(try room.files.filter { $0.contains("journal") }.count == 1)
        let next = try room.afterKill(now: now)
        #expect(next.store.snapshot().tail == 5)
        #expect(next.store.snapshot().activeCount == room.store.snapshot().activeCount)

        try FileManager.default.removeItem(atPath: obstacle)
        try await room.store.tick(now: now + 60_000)
        #expect(room.reports == [false, true])
        #expect(try room.files.filter { $0.contains("journal") } == ["room-onsale.journal-2"])
    }

    @Test func `Who was drawn keeps the number when the process is killed right after`()
        async throws
    {
        let room = try Room(TemporaryFolder(), now: 1_000)
        for _ in 0..<3 {
            _ = try await room.store.register(
                opensAt: 60_000,
                key: 0,
                insteadOf: nil,
                now: 59_500
            )
        }
        try await room.store.tick(now: 60_000)
        let place = try await room.store.join(aliveUntil: 90_000, now: 60_100)
        #expect(place?.position == 4)
        let after = try room.afterKill(now: 60_500)
        try await after.store.tick(now: 60_600)
        #expect(after.store.snapshot().draw == room.store.snapshot().draw)
        #expect(after.store.snapshot().draw.after == 0)
    }

    @Test(arguments: [false, true])
    func `Who left before the draw is known when the process is killed`(isRecorded: Bool)
        async throws
    {
        let room = try Room(TemporaryFolder(), now: 1_000)
        var name: Int64 = 0
        for _ in 0..<3 {
            name =
                try await room.store.register(
                    opensAt: 60_000,
                    key: 0,
                    insteadOf: nil,
                    now: 50_000
                )?.name ?? 0
        }
        for (index, registration) in [(2, name), (4, name), (1, name + 1_000)] as [(Int64, Int64)] {
            let epoch = room.store.snapshot().epoch
            try await room.store.withdraw(index, of: registration, epoch: epoch, now: 50_000)
        }
        if isRecorded {
            try await room.store.tick(now: 52_000)
            // Programs of before read no record with a line that they do not know.
            let record = room.folder.read("room-onsale.state")
            #expect(!record.contains("withdrawn"))
            let name = try #require(try room.files.first { $0.contains("journal") })
            #expect(room.folder.read(name).hasPrefix("S 0\nW 2 "))
        }
        let after = try room.afterKill(now: 53_000)
        try await after.store.tick(now: 53_000)
        let next = try after.afterKill(now: 54_000)
        var draw = next.store.snapshot().draw
        #expect(try await next.store.withdrawn(from: draw, now: 54_000) == [])
        try await next.store.tick(now: 60_000)
        draw = next.store.snapshot().draw
        #expect(try await next.store.withdrawn(from: draw, now: 60_000) == [2])
        #expect(try await next.store.withdrawn(from: draw, now: 60_000) == [])
    }

    @Test func `Of a crowd that was called up before the line those who came in or left are known`() {
        let count: Int64 = 100_000
        var record = QueueRecord(epoch: 1, serving: 0, tail: count)
        record.moment.invited = Array(1...count)
        var replay = JournalReplay(record)
        let session = SessionID(high: 1, low: 2).text
        let lines = (1..<count).map { position in
            position % 2 == 0 ? "A \(position) \(session) 9000" : "G \(position)"
        }
        replay.apply((["S 0"] + lines).map { $0[...] })
        #expect(replay.record.moment.invited == [count])
        #expect(replay.record.spent.contains(1) && replay.record.spent.contains(count - 1))
        #expect(!replay.record.spent.contains(count))
        #expect(replay.record.serving == 0 && replay.record.tail == count)
        #expect(replay.record.sessions.count == 1)
    }

    @Test func `A session that was taken over from an earlier process is known to the next one`() {
        var replay = JournalReplay(QueueRecord(epoch: 1, serving: 4, tail: 9))
        replay.apply(["S 4", "A 0 \(SessionID(high: 1, low: 2).text) 9000"])
        #expect(replay.record.sessions.map(\.1) == [9_000])
        #expect(!replay.record.spent.contains(0) && replay.record.serving == 4)
    }

    @Test func `Every journal since the record is read, and of the last no half line`() async throws {
        let room = try Room(TemporaryFolder(), now: 1_000)
        for number in 2...4 {
            try room.folder.write("T \(number * 10)\n", to: "room-onsale.journal-\(number)")
        }
        try room.folder.write("T 50\nT 9000", to: "room-onsale.journal-5")
        let next = try room.afterKill(now: 2_000)
        #expect(next.store.snapshot().tail == 50)
        #expect(try next.files.filter { $0.contains("journal") } == ["room-onsale.journal-6"])
    }
}
