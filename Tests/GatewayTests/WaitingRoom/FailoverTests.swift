import Redis
import Synchronization
import Testing

@testable import Gateway

/// Gateways of one room whose Redis fails over to a copy that lags behind, while one of them stands still.
private struct FailoverHistory {
    /// A line to a Redis on the time of the test, whatever library it is given.
    private final class Line: RedisCommanding {
        let isCut = Atomic<Bool>(false)
        private let redis: RedisServer

        init(_ redis: RedisServer) { self.redis = redis }

        func command(_ arguments: [[UInt8]]) async throws -> RESPValue {
            if isCut.load(ordering: .relaxed) { throw RedisError.closed }
            guard arguments.first == Array("FUNCTION".utf8) else {
                return try await redis.command(arguments)
            }
            let clock = "local function clock() return tonumber(redis.call('GET', 'clock')) end\n"
            return try await redis.command(
                arguments.dropLast() + [RedisQueueFunctions.library(clock: clock)]
            )
        }
    }

    /// The gateway that stands still.
    private final class Stopped: Sendable {
        let index = Atomic<Int>(-1)
    }

    private struct Visitor {
        var client = SceneVisitor()
        var gateway: Int
        var nextAt: Int64
        var ticket: Substring?
        var ahead: Int64?
        var requestsLeft: Int
        var hasEntered = false
        /// Until when the backend may serve somebody, by what reached it.
        var insideUntil: Int64 = 0
        var isGone = false
    }

    private let redis: RedisServer
    private let clock = SceneClock()
    private let lines: [Line]
    private let rooms: [WaitingRoom]
    private let capacity: Int
    private let sessionMilliseconds: Int64
    private var random: SeededGenerator
    private var visitors: [Visitor] = []
    private let stopped = Stopped()
    private(set) var violations: [String] = []

    init(redis: RedisServer, seed: UInt64) async throws {
        self.redis = redis
        random = SeededGenerator(seed: seed)
        var settings = WaitingRoomSettings(name: "shared")
        settings.capacity = 6
        settings.ratePerSecond = 20
        settings.burst = 6
        settings.sessionSeconds = 20
        settings.leaseSeconds = 20
        capacity = settings.capacity
        sessionMilliseconds = 20_000
        _ = redis.command("SET", "clock", "\(clock.time.load(ordering: .relaxed))")
        let lines = (0..<3).map { _ in Line(redis) }
        let chosen = settings
        let stores = lines.enumerated().map { index, line in
            RedisQueueStore(settings: chosen, redis: line, node: Int64(index) + 1) { _ in
                await Task.yield()
            }
        }
        self.lines = lines
        let (clock, stopped) = (clock, stopped)
        rooms = stores.map { store in
            RoomScene.room(
                chosen,
                store: store,
                clock: clock,
                hears: false,
                paused: { _ in
                    // Requests wait while time goes on for everybody.
                    let time = clock.time.load(ordering: .relaxed)
                    _ = redis.command("SET", "clock", "\(time)")
                    for (index, store) in stores.enumerated()
                    where index != stopped.index.load(ordering: .relaxed) {
                        try? await store.tick(now: time)
                    }
                }
            )
        }
    }

    private var now: Int64 { clock.time.load(ordering: .relaxed) }

    var visitorCount: Int { visitors.count }
    var admittedCount: Int { visitors.count { $0.hasEntered } }

    mutating func play() async throws {
        try await pass(milliseconds: 8_000, arrivals: 40)
        let copy = copied()
        try await pass(milliseconds: 2_000, arrivals: 20)
        stopped.index.store(2, ordering: .relaxed)
        for line in lines { line.isCut.store(true, ordering: .relaxed) }
        try await pass(milliseconds: 700, arrivals: 3)
        restore(copy)
        for line in lines { line.isCut.store(false, ordering: .relaxed) }
        try await pass(milliseconds: 29_300, arrivals: 10)
        stopped.index.store(-1, ordering: .relaxed)
        // What had come to it meanwhile is answered before it has heard of anything.
        for index in visitors.indices where !visitors[index].isGone { visitors[index].gateway = 2 }
        try await act(beforeTicks: true)
        try await pass(milliseconds: 400_000, arrivals: 0)
    }

    private mutating func pass(milliseconds: Int64, arrivals: Int) async throws {
        let (begin, before) = (now, visitors.count)
        while now < begin + milliseconds {
            if arrivals == 0, visitors.allSatisfy({ $0.isGone }) { return }
            let time = clock.time.add(100, ordering: .relaxed).newValue
            _ = redis.command("SET", "clock", "\(time)")
            let still = stopped.index.load(ordering: .relaxed)
            for index in rooms.indices where index != still { await rooms[index].tick() }
            let due = before + Int(Int64(arrivals) * (now - begin) / milliseconds)
            while visitors.count < due {
                let visitor = Visitor(gateway: 0, nextAt: now, requestsLeft: Int(next(4)))
                visitors.append(visitor)
                visitors[visitors.count - 1].gateway = Int(next(3))
            }
            try await act()
        }
    }

    private mutating func act(beforeTicks: Bool = false) async throws {
        for index in visitors.indices
        where !visitors[index].isGone && (beforeTicks || visitors[index].nextAt <= now) {
            if next(6) == 0, !beforeTicks { visitors[index].gateway = Int(next(3)) }
            while visitors[index].gateway == stopped.index.load(ordering: .relaxed) {
                visitors[index].gateway = Int(next(3))
            }
            try await visit(index)
        }
    }

    private mutating func next(_ limit: UInt64) -> Int64 { Int64(random.next(below: limit)) }

    private mutating func visit(_ index: Int) async throws {
        let room = rooms[visitors[index].gateway]
        let answer = await visitors[index].client.visit(room)
        visitors[index].nextAt = now + 500 + next(1_500)
        guard answer.isProxied else { return hear(answer, index) }
        visitors[index].hasEntered = true
        visitors[index].insideUntil = now + sessionMilliseconds
        let inside = visitors.count { $0.insideUntil > now }
        if inside > capacity { note("\(inside) inside", index) }
        visitors[index].requestsLeft -= 1
        guard visitors[index].requestsLeft < 0 else { return }
        visitors[index].isGone = true
        // Some say that they leave.
        guard next(2) == 0, let session = answer.session else { return }
        visitors[index].insideUntil = now
        _ = await room.command("revoke", session: session)
    }

    private mutating func hear(_ answer: SceneAnswer, _ index: Int) {
        if visitors[index].hasEntered {
            note("thrown out: \(answer.waitingRoom)", index)
            visitors[index].isGone = true
            return
        }
        let members = answer.waitingRoom.split(separator: ",").map { $0.drop { $0 == " " } }
        let ticket = members.first { $0.hasPrefix("ticket=") }
        let ahead = members.first { $0.hasPrefix("ahead=") }.flatMap { Int64($0.dropFirst(6)) }
        if let known = visitors[index].ticket, ticket != known {
            note("\(known) became \(answer.waitingRoom)", index)
        }
        guard let ticket else { return }
        if visitors.indices.contains(where: { $0 != index && visitors[$0].ticket == ticket }) {
            note("\(ticket) twice", index)
        }
        if let known = visitors[index].ahead, let ahead, ahead > known {
            note("ahead grew from \(known) to \(ahead)", index)
        }
        (visitors[index].ticket, visitors[index].ahead) = (ticket, ahead)
    }

    private mutating func note(_ text: String, _ index: Int) {
        violations.append(
            "visitor \(index) at \(visitors[index].gateway), \(now % 1_000_000): \(text)"
        )
    }

    /// What a copy of the room has that writes reach later.
    private func copied() -> [(key: [UInt8], value: [UInt8])] {
        (redis.command("KEYS", "wr:*").array ?? []).compactMap { reply in
            guard let key = reply.bytes,
                case .bulk(let value) = redis.exchange([Array("DUMP".utf8), key])
            else { return nil }
            return (key, value)
        }
    }

    private func restore(_ copy: [(key: [UInt8], value: [UInt8])]) {
        for reply in redis.command("KEYS", "wr:*").array ?? [] {
            if let key = reply.bytes { _ = redis.exchange([Array("DEL".utf8), key]) }
        }
        for (key, value) in copy {
            _ = redis.exchange([Array("RESTORE".utf8), key, Array("0".utf8), value])
        }
    }
}

@Suite(.serialized, .enabled(if: RedisServer.isInstalled, "redis-server is not installed"))
struct FailoverTests {
    @Test(arguments: [UInt64(1), 2, 3, 5])
    func `A room keeps what it promises while Redis loses seconds and a gateway stands still`(
        seed: UInt64
    ) async throws {
        let redis = try #require(RedisServer())
        var history = try await FailoverHistory(redis: redis, seed: seed)
        try await history.play()
        #expect(history.violations == [])
        #expect(history.visitorCount > 50)
        #expect(history.admittedCount == history.visitorCount, "everybody came in")
    }
}
