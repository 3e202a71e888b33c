import Glibc
import Redis
import Synchronization
import Testing

@testable import Gateway
@testable import Rules

/// Rules of several gateways that remember together, on a real Redis.
@Suite(.serialized, .enabled(if: RedisServer.isInstalled, "redis-server is not installed"))
struct CollectionExchangeTests {
    /// A gateway, as far as its rules remember.
    private struct Node {
        let store = CollectionStore(notesChanges: true)
        let exchange: CollectionExchange

        init(_ redis: any RedisCommanding) {
            exchange = CollectionExchange(store: store, redis: redis)
            open()
        }

        func open() { store.open(Node.key, timeout: 100, now: time(nil)) }

        func update(_ member: String, _ update: MemberUpdate) {
            store.update(Node.key, Array(member.utf8), now: time(nil), update)
        }

        func value(_ member: String) -> String? {
            store.value(Node.key, Array(member.utf8), now: time(nil))
                .map { String(decoding: $0, as: UTF8.self) }
        }

        static let key = CollectionStore.Key(variable: .ip, name: [0, 0x20, 0xFF, 0x0A])
    }

    @Test func `Counts of all gateways add up`() async throws {
        let redis = try #require(RedisServer())
        let nodes = (0..<3).map { _ in Node(redis) }
        for turn in 0..<10 {
            for node in nodes { node.update("seen", .add(turn)) }
            #expect(await nodes[turn % 3].exchange.exchange())
        }
        for _ in 0..<2 {
            for node in nodes {
                node.open()
                _ = await node.exchange.exchange()
            }
        }
        for node in nodes { #expect(node.value("seen") == "135") }
    }

    @Test func `What is assigned or removed on one is so on the other`() async throws {
        let redis = try #require(RedisServer())
        let (one, other) = (Node(redis), Node(redis))
        one.update("mark", .assign(Array("12 monkeys".utf8)))
        one.update("gone", .add(1))
        _ = await one.exchange.exchange()
        _ = await other.exchange.exchange()
        #expect(other.value("mark") == "12 monkeys" && other.value("gone") == "1")
        other.update("gone", .remove)
        other.update("mark", .add(-2))
        _ = await other.exchange.exchange()
        one.open()
        _ = await one.exchange.exchange()
        #expect(one.value("gone") == nil && one.value("mark") == "10")
    }

    @Test func `What a gateway changes while it asks comes on top`() throws {
        let store = CollectionStore(notesChanges: true)
        let key = Node.key
        store.open(key, timeout: 100, now: 0)
        store.update(key, [1], now: 0, .add(3))
        let taken = try #require(store.takeChanges(limit: 9).first)
        store.update(key, [1], now: 1, .add(4))
        store.merge(taken, [([1], Array("10".utf8), .max)], now: 1)
        #expect(store.value(key, [1], now: 1) == Array("14".utf8))
        #expect(store.takeChanges(limit: 9).first?.members[[1]]?.update == .add(4))
    }

    @Test func `The end of a member is known to all`() async throws {
        let redis = try #require(RedisServer())
        let (one, other) = (Node(redis), Node(redis))
        one.update("short", .assign([0x31]))
        one.store.expire(Node.key, Array("short".utf8), now: time(nil), at: time(nil) + 50)
        _ = await one.exchange.exchange()
        _ = await other.exchange.exchange()
        let name = Array("short".utf8)
        #expect(other.store.value(Node.key, name, now: time(nil)) == [0x31])
        #expect(other.store.value(Node.key, name, now: time(nil) + 60) == nil)
        one.store.expire(Node.key, name, now: time(nil), at: time(nil) - 1)
        one.update("long", .assign([0x32]))
        _ = await one.exchange.exchange()
        other.open()
        _ = await other.exchange.exchange()
        #expect(other.value("short") == nil && other.value("long") == "2")
    }

    @Test func `Without Redis nothing is lost, and told afterwards`() async throws {
        let redis = Gate(try #require(RedisServer()))
        let (one, other) = (Node(redis), Node(redis))
        redis.isAway.store(true, ordering: .relaxed)
        for _ in 0..<5 {
            one.update("seen", .add(1))
            #expect(await one.exchange.exchange())
            #expect(one.value("seen") != nil)
        }
        redis.isAway.store(false, ordering: .relaxed)
        _ = await one.exchange.exchange()
        _ = await other.exchange.exchange()
        #expect(one.value("seen") == "5" && other.value("seen") == "5")
    }

    @Test func `No more members are kept than in one gateway`() async throws {
        let redis = try #require(RedisServer())
        let (one, other) = (Node(redis), Node(redis))
        for number in 0..<200 {
            one.update("a\(number)", .add(1))
            other.update("b\(number)", .add(1))
        }
        for node in [one, other, one] {
            node.open()
            _ = await node.exchange.exchange()
        }
        let members = one.store.members(Node.key, now: time(nil))
        #expect(members.count == 256 + 3)
    }
}

/// A Redis that can be away for a while.
private final class Gate: RedisCommanding {
    struct Away: Error {}

    let isAway = Atomic<Bool>(false)
    private let redis: RedisServer

    init(_ redis: RedisServer) { self.redis = redis }

    func command(_ arguments: [[UInt8]]) async throws -> RESPValue {
        if isAway.load(ordering: .relaxed) { throw Away() }
        return redis.exchange(arguments)
    }
}
