import Redis
import Synchronization
import Transport

@testable import Gateway

/// A room whose order is drawn, kept in process or in a Redis with the same clock, and configured anew as tests like.
final class DrawScene {
    let clock = SceneClock()
    private(set) var room: WaitingRoom
    private let store: any QueueStore
    private let redis: RedisServer?
    private let memory = RoomMemory()
    private var settings: WaitingRoomSettings
    private var secrets = ["k1"]

    /// Nil if there is no Redis.
    init?(
        isShared: Bool,
        opensIn milliseconds: Int64,
        _ change: (inout WaitingRoomSettings) -> Void = { _ in }
    ) async throws {
        var settings = WaitingRoomSettings(name: "onsale")
        settings.capacity = 2
        settings.ratePerSecond = 1_000
        settings.burst = 100
        settings.sessionSeconds = 600
        settings.isRandom = true
        if isShared {
            guard let redis = RedisServer() else { return nil }
            self.redis = redis
            let shared = RedisQueueStore(settings: settings, redis: redis) { _ in
                await Task.yield()
            }
            store = shared
            try await shared.open()
            // Later than the room was made, whose own times begin with Redis' clock.
            guard case .array(let parts) = redis.command("TIME"),
                let seconds = parts.first?.text.flatMap({ Int64($0) })
            else { return nil }
            clock.time.store(seconds * 1_000 + 2_000, ordering: .relaxed)
            Self.stopTime(redis)
        } else {
            redis = nil
            store = MemoryQueueStore(settings: settings, epoch: 3)
        }
        let opensAt = clock.time.load(ordering: .relaxed) + milliseconds
        settings.schedule = RoomSchedule(opensAt: opensAt)
        change(&settings)
        self.settings = settings
        room = Self.room(settings, secrets, store, clock, memory)
        await pass(milliseconds: 300)
    }

    var now: Int64 { clock.time.load(ordering: .relaxed) }

    var snapshot: QueueSnapshot { store.snapshot() }

    /// Lets time pass in steps of a tick.
    func pass(milliseconds: Int64) async {
        for _ in 0..<(milliseconds / 100) {
            clock.time.add(100, ordering: .relaxed)
            tellTime()
            await room.tick()
        }
    }

    /// From now on Redis has the time of the test.
    private static func stopTime(_ redis: RedisServer) {
        let library = RedisQueueFunctions.library(
            clock: "local function clock() return tonumber(redis.call('GET', 'clock')) end\n"
        )
        let load = ["FUNCTION", "LOAD", "REPLACE"].map { Array($0.utf8) }
        _ = redis.exchange(load + [library])
    }

    /// Redis forgets the room, which is made again of what the gateway remembers.
    func loseData() async {
        guard let redis else { return }
        _ = redis.command("FLUSHALL")
        await pass(milliseconds: 500)
        Self.stopTime(redis)
        await pass(milliseconds: 3_000)
    }

    /// The room as a gateway knows it that has just begun; nil if there is one alone.
    func newcomer() async throws -> QueueSnapshot? {
        guard let redis else { return nil }
        let store = RedisQueueStore(settings: settings, redis: redis, node: 2) { _ in
            await Task.yield()
        }
        try await store.open()
        Self.stopTime(redis)
        try await store.tick(now: now)
        return store.snapshot()
    }

    private func tellTime() { _ = redis?.command("SET", "clock", "\(now)") }

    /// Reads the configuration again.
    ///
    /// - Parameter rotates: whether another secret signs from now on.
    func reload(
        rotates: Bool = false,
        _ change: (inout WaitingRoomSettings) -> Void = { _ in }
    ) async {
        change(&settings)
        if rotates { secrets.insert("k\(secrets.count + 1)", at: 0) }
        room = Self.room(settings, secrets, store, clock, memory)
        await pass(milliseconds: 500)
    }

    /// Reads the configuration again, with these secrets alone.
    func sign(with secrets: [String]) async {
        self.secrets = secrets
        await reload()
    }

    func opens(in milliseconds: Int64) async {
        let opensAt = now + milliseconds
        await reload { $0.schedule?.opensAt = opensAt }
    }

    /// So many new visitors, each with what was told.
    func visitors(_ count: Int) async -> [SceneVisitor] {
        var visitors: [SceneVisitor] = []
        for _ in 0..<count {
            var visitor = SceneVisitor()
            _ = await visitor.visit(room)
            visitors.append(visitor)
        }
        return visitors
    }

    /// What each is told now, in their order: the number, `in` for those who come in, or the state.
    func visit(_ visitors: inout [SceneVisitor]) async -> [String] {
        var told: [String] = []
        for index in visitors.indices {
            let answer = await visitors[index].visit(room)
            told.append(answer.isProxied ? "in" : Self.place(answer.waitingRoom))
        }
        return told
    }

    /// The number of a waiting answer, else its state.
    private static func place(_ field: String) -> String {
        let members = field.split(separator: ",").map { $0.drop { $0 == " " } }
        let ticket = members.first { $0.hasPrefix("ticket=") }?.dropFirst(7)
        return String(ticket ?? members.first?.dropFirst(6) ?? "")
    }

    /// A member of the pulse that is a text.
    func pulse(_ key: String) -> String? {
        let text = String(decoding: room.pulse().body, as: UTF8.self)
        guard let start = text.firstRange(of: "\"\(key)\":\"") else { return nil }
        return String(text[start.upperBound...].prefix { $0 != "\"" })
    }

    private static func room(
        _ settings: WaitingRoomSettings,
        _ secrets: [String],
        _ store: any QueueStore,
        _ clock: SceneClock,
        _ memory: RoomMemory
    ) -> WaitingRoom {
        let named = secrets.map {
            (id: $0, secret: Array(repeating: UInt8($0.utf8.last ?? 0), count: 32))
        }
        return WaitingRoom(
            settings: settings,
            keys: RoomKeys(
                room: settings.name,
                current: named[0],
                accepted: Array(named.dropFirst())
            ),
            store: store,
            environment: WaitingRoom.Environment(
                now: { clock.time.load(ordering: .relaxed) },
                pause: { clock.time.add($0, ordering: .relaxed) },
                randomBytes: { Digest.randomBytes($0) }
            ),
            memory: memory
        )
    }
}
