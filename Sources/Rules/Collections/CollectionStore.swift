import Glibc
import Synchronization

/// What rules remember between requests: the collections `IP`, `GLOBAL`, `SESSION`, `USER` and `RESOURCE`, in the
/// memory of the process. Shared by all workers and kept across reloads.
///
/// Contention: sixteen shards, each behind a mutex that is held for one look-up. What a client can make the store
/// keep is bounded in number and in size; beyond that the collections used longest ago make room.
public final class CollectionStore: Sendable {
    /// A collection: which kind, and whose.
    struct Key: Hashable, Sendable {
        let variable: Variable
        let name: [UInt8]
    }

    /// A member with the second it ends at, if it has one.
    struct Member: Sendable {
        var value: [UInt8]
        var endsAt = Int.max
    }

    private struct Record {
        var members: [[UInt8]: Member] = [:]
        let createdAt: Int
        var usedAt: Int
        var endsAt: Int
    }

    private static let shardCount = 16
    private static let collectionLimit = 16_384
    private static let memberLimit = 256
    private static let valueBytesLimit = 4_096

    private let shards: [Shard]

    private final class Shard: Sendable {
        let records = Mutex<[Key: Record]>([:])
    }

    /// An empty store.
    public init() { shards = (0..<CollectionStore.shardCount).map { _ in Shard() } }

    private func shard(_ key: Key) -> Shard {
        shards[Int(truncatingIfNeeded: UInt(bitPattern: key.hashValue) % 16)]
    }

    /// Makes sure that a collection exists; one that is used at least every `timeout` seconds stays.
    func open(_ key: Key, timeout: Int, now: Int) {
        shard(key).records.withLock { records in
            if var record = records[key], record.endsAt > now {
                record.usedAt = now
                record.endsAt = now &+ timeout
                records[key] = record
                return
            }
            CollectionStore.makeRoom(&records, now: now)
            records[key] = Record(createdAt: now, usedAt: now, endsAt: now &+ timeout)
        }
    }

    /// The members of a collection that have not ended, with what the engine itself knows about it.
    func members(_ key: Key, now: Int) -> [(name: [UInt8], value: [UInt8])] {
        shard(key).records.withLock { records in
            guard let record = records[key], record.endsAt > now else { return [] }
            return record.members.filter { $0.value.endsAt > now }.map { ($0.key, $0.value.value) }
                + [
                    (Array("key".utf8), key.name),
                    (Array("create_time".utf8), Array("\(record.createdAt)".utf8)),
                    (Array("last_update_time".utf8), Array("\(record.usedAt)".utf8)),
                ]
        }
    }

    /// How many collections are kept.
    var count: Int { shards.reduce(0) { $0 + $1.records.withLock(\.count) } }

    /// The value of a member; nil if it does not exist or has ended.
    func value(_ key: Key, _ member: [UInt8], now: Int) -> [UInt8]? {
        members(key, now: now).first { $0.name == member }?.value
    }

    /// Sets what `change` makes of a member's present value; nil removes it.
    func update(_ key: Key, _ member: [UInt8], now: Int, _ change: ([UInt8]?) -> [UInt8]?) {
        shard(key).records.withLock { records in
            guard var record = records[key], record.endsAt > now else { return }
            let known = record.members[member].flatMap { $0.endsAt > now ? $0 : nil }
            let changed = change(known?.value)
            if let changed {
                guard known != nil || record.members.count < CollectionStore.memberLimit else {
                    return
                }
                record.members[member] = Member(
                    value: Array(changed.prefix(CollectionStore.valueBytesLimit)),
                    endsAt: known?.endsAt ?? .max
                )
            } else {
                record.members[member] = nil
            }
            record.usedAt = now
            records[key] = record
        }
    }

    /// Lets a member end at a second from now.
    func expire(_ key: Key, _ member: [UInt8], at end: Int) {
        shard(key).records.withLock { $0[key]?.members[member]?.endsAt = end }
    }

    private static func makeRoom(_ records: inout [Key: Record], now: Int) {
        guard records.count >= collectionLimit / shardCount else { return }
        records = records.filter { $0.value.endsAt > now }
        guard records.count >= collectionLimit / shardCount else { return }
        // A quarter at a time, so that a flood of new names does not sort the shard for each of them.
        let oldest = records.sorted { $0.value.usedAt < $1.value.usedAt }.prefix(records.count / 4)
        for (key, _) in oldest { records[key] = nil }
    }
}
