import Foundation
import Redis
import Testing

@testable import Gateway

/// What a gateway may do in Redis.
extension RedisQueueStoreTests {
    /// The words of the line of `docs/waiting-room.md` that makes a user for gateways.
    private static let documented: [String] = {
        var root = URL(filePath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let page = root.appending(path: "docs/waiting-room.md")
        let lines = (try? String(contentsOf: page, encoding: .utf8))?.split(separator: "\n") ?? []
        let start = lines.firstIndex { $0.hasPrefix("ACL SETUSER") } ?? lines.endIndex
        let end = lines[start...].firstIndex(of: "```") ?? lines.endIndex
        return lines[start..<end].joined(separator: " ").split(separator: " ").map(String.init)
    }()

    @Test func `The rights that the documentation names are enough for a room`() async throws {
        let redis = try #require(RedisServer())
        #expect(redis.exchange(Self.documented).text == "OK")
        #expect(redis.command("AUTH", "haniel", "PASSWORD").text == "OK")
        let store = store(redis, capacity: 3)
        var now = time(redis)
        var rules = QueueRules.patient(settings(capacity: 3))
        try await store.configure(rules, now: now)
        try await store.tick(now: now)
        let epoch = store.snapshot().epoch
        let opensAt = now + 600_000
        let registration = try await store.register(
            opensAt: opensAt,
            key: 7,
            insteadOf: nil,
            now: now
        )
        let name = try #require(registration).name
        try await store.withdraw(1, of: name, epoch: epoch, now: now)
        rules.drawsMilliseconds = now
        try await store.configure(rules, now: now)
        for _ in 0..<3 {
            now += 1_100
            try await store.tick(now: now)
        }
        #expect(try await store.withdrawn(from: store.snapshot().draw, now: now) == [1])
        try await store.giveUp(1, moves: 0, now: now)
        let place = try #require(try await store.join(aliveUntil: now + 9_000, now: now))
        let offer = QueueOffer(place: place, isInvited: false, moves: 0)
        #expect(try await store.offer(offer, code: "23456789", now: now))
        let moved = try #require(try await store.redeem("23456789", now: now))
        var turn = turn(place, now: now)
        turn.moves = moved.moves
        guard case .admitted = try await store.claim(turn, now: now) else {
            Issue.record("nobody comes in")
            return
        }
        #expect(try await store.renew(turn.session, adopts: false, now: now) != nil)
        _ = try await store.entries(after: "0-0", limit: 9)
        try await store.decide(RoomControl(text: "mode=pause", version: 1), now: now)
        try await store.leave(turn.session, now: now)
        #expect(store.failure == nil)
    }
}
