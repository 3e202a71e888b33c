import Glibc
import Support
import Synchronization
import Testing
import Transport

@testable import Gateway

/// What outlives a process of the rooms it kept, and what does not come back in two.
@Suite
struct RoomRegistryTests {
    /// A process with one room for one.
    private struct Process {
        let registry: RoomRegistry
        let store: MemoryQueueStore
        let room: WaitingRoom
        let reports: Reports

        final class Reports: Sendable {
            private let texts = Mutex<[String]>([])
            func note(_ text: String) { texts.withLock { $0.append(text) } }
            func contain(_ text: String) -> Bool {
                texts.withLock { $0.contains { $0.contains(text) } }
            }
        }

        init(state: String?, predecessor: SuccessionLink? = nil) throws {
            var configuration = Configuration()
            configuration.state = state
            let described = Configuration.Room(name: "onsale", capacity: 1)
            configuration.rooms = [described]
            let reports = Reports()
            self.reports = reports
            registry = try RoomRegistry(
                configuration,
                redis: nil,
                limiter: RateLimiter(keyCount: 1_024),
                predecessor: predecessor
            ) { text, _ in reports.note(text) }
            var problems: [String] = []
            room = registry.room(described, in: configuration, secrets: [], &problems)
            store = try #require(registry.roomHere("onsale")?.store)
        }
    }

    /// A process that takes over from one that the test plays.
    private static func heir(state: String?) throws -> (heir: Process, link: SuccessionLink) {
        let pair = try #require(SuccessionLink.pair())
        pair.link.begin(secret: [UInt8](repeating: 7, count: 32))
        let heir = try Process(
            state: state,
            predecessor: SuccessionLink(descriptor: pair.other)
        )
        #expect(pair.link.isGreeted(withinSeconds: 30))
        return (heir, pair.link)
    }

    @Test func `A drawn secret is kept beside the state, for its owner alone`() async throws {
        let folder = try TemporaryFolder()
        let state = folder.path + "/state"
        var visitor = SceneVisitor()
        var other = SceneVisitor()
        do {
            let first = try Process(state: state)
            #expect(await visitor.visit(first.room).isProxied)
            #expect(await other.visit(first.room).waitingRoom.contains("ticket=2"))
        }
        var status = stat()
        #expect(unsafe stat(state + "/signing-secret", &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        let second = try Process(state: state)
        #expect(await visitor.visit(second.room).isProxied)
        #expect(await other.visit(second.room).waitingRoom.contains("ticket=2"))
    }

    @Test func `A secret that comes from the process before replaces the one that was kept`() throws {
        let folder = try TemporaryFolder()
        let drawn = KeptSecret(directory: folder.path).secret(inherited: nil)
        #expect(drawn?.count == 32)
        #expect(KeptSecret(directory: folder.path).secret(inherited: nil) == drawn)
        let inherited = [UInt8](repeating: 5, count: 32)
        #expect(KeptSecret(directory: folder.path).secret(inherited: inherited) == inherited)
        #expect(KeptSecret(directory: folder.path).secret(inherited: nil) == inherited)
        #expect(KeptSecret(directory: "/proc/none").secret(inherited: nil) == nil)
    }

    @Test(arguments: ["", "short\n", String(repeating: "A", count: 43) + "!\n"])
    func `A secret that was damaged is set aside, told of, and replaced`(text: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(text, to: "signing-secret")
        let reports = Mutex<[String]>([])
        let kept = KeptSecret(directory: folder.path) { message, fields in
            reports.withLock { $0.append(message + (fields["kept_as"] ?? "")) }
        }
        let secret = kept.secret(inherited: nil)
        #expect(secret?.count == 32)
        #expect(folder.read("signing-secret.damaged") == text)
        #expect(kept.secret(inherited: nil) == secret)
        let told = reports.withLock { $0 }
        #expect(told.count == 1)
        #expect(told.first?.hasSuffix("/signing-secret.damaged") == true)
    }

    @Test func `Two processes of one node do not give out the same place without a number`() {
        let settings = WaitingRoomSettings(name: "onsale")
        let places = (0..<8).map { _ in
            MemoryQueueStore(coming: settings, now: 0) { _ in }.provision(now: 0)
        }
        #expect(Set(places).count == places.count)
        #expect(places.allSatisfy { $0.sequence < ProvisionalPlace.sequenceLimit })
    }

    @Test func `Whoever asks for the roots of admissions as fast as they can is told to wait`()
        throws
    {
        let process = try Process(state: nil)
        let statuses = (0..<40).map { _ in process.room.roots(for: [1]).status }
        #expect(statuses.prefix(20).allSatisfy { $0 == 200 })
        #expect(statuses.last == 429)
        #expect(process.room.roots(for: [2]).status == 200)
    }

    @Test func `A room passes from one process to the next with its files`() async throws {
        let folder = try TemporaryFolder()
        var visitor = SceneVisitor()
        let first = try Process(state: folder.path)
        #expect(await visitor.visit(first.room).isProxied)
        let pair = try #require(first.registry.openSuccession())
        let second = try Process(
            state: folder.path,
            predecessor: SuccessionLink(descriptor: pair.other)
        )
        #expect(!second.registry.hasSettled)
        first.registry.handOver(to: pair.link)
        #expect(second.registry.hasSettled)
        #expect(!second.store.isComing)
        #expect(second.store.snapshot().activeCount == 1)
        #expect(await visitor.visit(second.room).isProxied)
        #expect(await visitor.visit(first.room).isProxied, "asked at the other one")
        #expect(!second.reports.contain("survive"))
        #expect(throws: QueueJournal.Problem.taken) {
            try QueueJournal(directory: folder.path, room: "onsale")
        }
    }

    @Test func `A room that was refused admits nobody while somebody unknown may be inside`()
        async throws
    {
        let (heir, link) = try Self.heir(state: nil)
        let isTaken = await withCheckedContinuation { continuation in
            link.take("onsale", luggage: { ("no record", "") }) {
                continuation.resume(returning: $0)
            }
        }
        #expect(!isTaken)
        link.end()
        #expect(!heir.store.isComing)
        #expect(heir.reports.contain("cannot be read"))
        var visitor = SceneVisitor()
        #expect(await visitor.visit(heir.room).waitingRoom.contains("state=paused, ticket=1"))
    }

    @Test func `A room that never was admits at once`() async throws {
        let (heir, link) = try Self.heir(state: nil)
        link.end()
        var visitor = SceneVisitor()
        #expect(await visitor.visit(heir.room).isProxied)
    }

    @Test func `While another process has the files of a room nobody is let in`() async throws {
        let folder = try TemporaryFolder()
        var other: QueueJournal? = try QueueJournal(directory: folder.path, room: "onsale")
        #expect(other != nil)
        let (heir, link) = try Self.heir(state: folder.path)
        link.end()
        #expect(heir.store.isComing)
        var visitor = SceneVisitor()
        #expect(await visitor.visit(heir.room).waitingRoom.contains("state=paused"))
        other = nil
        #expect(eventually { !heir.store.isComing })
        #expect(heir.store.snapshot().tail == 1, "who came meanwhile has the first number")
    }

    @Test(arguments: [false, true])
    func `Whoever came in before the line moves nobody up when the process is killed`(isOld: Bool)
        async throws
    {
        let (folder, copy) = (try TemporaryFolder(), try TemporaryFolder())
        var settings = WaitingRoomSettings(name: "onsale")
        settings.capacity = 2
        let store = MemoryQueueStore(
            settings: settings,
            journal: try QueueJournal(directory: folder.path, room: "onsale"),
            now: 1_000
        )
        let epoch = store.snapshot().epoch
        func claim(_ position: Int64) async throws -> QueueClaim {
            let place = QueuePlace(epoch: epoch, position: position)
            let session = SessionID(high: 5, low: UInt64(position))
            return try await store.claim(
                QueueTurn(place: place, session: session, aliveUntil: 9_000),
                now: 1_100
            )
        }
        for _ in 0..<12 { _ = try await store.join(aliveUntil: 9_000, now: 1_000) }
        guard case .admitted = try await claim(1) else {
            Issue.record("an empty room admits")
            return
        }
        try await store.leave(SessionID(high: 5, low: 1), now: 1_100)
        let invitation = Invitation(name: "vip", uses: 1)
        #expect(try await store.invite(12, moves: 0, invitation: invitation, now: 1_050))
        try await store.tick(now: 1_060)
        guard case .admitted = try await claim(2) else {
            Issue.record("called up")
            return
        }
        try await store.leave(SessionID(high: 5, low: 2), now: 1_100)
        try await store.tick(now: 1_200)
        let place = QueuePlace(epoch: epoch, position: 12)
        let turn = QueueTurn(place: place, session: SessionID(high: 5, low: 12), aliveUntil: 9_000)
        guard case .admitted = try await store.claim(turn, now: 1_300) else {
            Issue.record("who goes before the line is next: \(store.snapshot())")
            return
        }
        let before = store.snapshot().serving
        #expect(before < 12)
        for name in ["room-onsale.state", "room-onsale.journal-1"] {
            var text = try #require(
                TextFile.read(folder.path + "/" + name, limitBytes: 1 << 20)
            )
            // Programs of before did not say how far the line was.
            if isOld, name.contains("journal") {
                text = text.split(separator: "\n").filter {
                    !$0.hasPrefix("S ") && !$0.hasPrefix("I ")
                }
                .map { $0 + "\n" }.joined()
            }
            try copy.write(text, to: name)
        }
        let next = MemoryQueueStore(
            settings: settings,
            journal: try QueueJournal(directory: copy.path, room: "onsale"),
            now: 2_000
        )
        #expect(next.snapshot().serving == (isOld ? 12 : before))
        #expect(next.snapshot().tail == 12)
    }

    @Test func `A record larger than a configuration file is read`() async throws {
        let folder = try TemporaryFolder()
        let settings = WaitingRoomSettings(name: "onsale")
        let store = MemoryQueueStore(
            settings: settings,
            journal: try QueueJournal(directory: folder.path, room: "onsale"),
            now: 1_000
        )
        // More than a megabyte of journal, none of which is in the record.
        for _ in 0..<150_000 { _ = try await store.join(aliveUntil: 9_000, now: 1_000) }
        let text = try #require(
            TextFile.read(folder.path + "/room-onsale.journal-1", limitBytes: 1 << 24)
        )
        #expect(text.utf8.count > 1 << 20)
        let copy = try TemporaryFolder()
        for name in ["room-onsale.state", "room-onsale.journal-1"] {
            let part = try #require(
                TextFile.read(folder.path + "/" + name, limitBytes: 1 << 24)
            )
            #expect(TextFile.create(copy.path + "/" + name, part))
        }
        let next = MemoryQueueStore(
            settings: settings,
            journal: try QueueJournal(directory: copy.path, room: "onsale"),
            now: 2_000
        )
        #expect(next.snapshot().tail == 150_000)
    }
}
