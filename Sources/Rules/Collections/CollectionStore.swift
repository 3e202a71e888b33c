import Glibc
import Synchronization

/// What rules remember between requests: the collections `IP`, `GLOBAL`, `SESSION`, `USER` and `RESOURCE`, in the
/// memory of the process. Shared by all workers and kept across reloads.
///
/// If asked to, it notes what changes, for somebody who brings the stores of several gateways together; what rules read
/// is what stands here.
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

        mutating func apply(_ change: CollectionChange.Member, to name: [UInt8], now: Int) {
            let known = members[name].flatMap { $0.endsAt > now ? $0 : nil }
            if let update = change.update {
                let value = update.applied(to: known?.value)
                if value != nil, known == nil, members.count >= CollectionStore.memberLimit {
                    return
                }
                members[name] = value.map {
                    Member(
                        value: Array($0.prefix(CollectionStore.valueBytesLimit)),
                        endsAt: known?.endsAt ?? .max
                    )
                }
            }
            if let end = change.endsAt { members[name]?.endsAt = end }
        }
    }

    private static let shardCount = 16
    private static let collectionLimit = 16_384
    /// Members of one collection; further ones are not kept.
    package static let memberLimit = 256
    private static let valueBytesLimit = 4_096

    private let shards: [Shard]

    private final class Shard: Sendable {
        let records = Mutex<[Key: Record]>([:])
        /// Changes that nobody has taken yet.
        let changes = Mutex<[Key: CollectionChange]>([:])
    }

    private let notesChanges: Bool

    /// An empty store.
    /// - Parameter notesChanges: whether somebody takes the changes.
    public init(notesChanges: Bool = false) {
        self.notesChanges = notesChanges
        shards = (0..<CollectionStore.shardCount).map { _ in Shard() }
    }

    private func shard(_ key: Key) -> Shard {
        shards[Int(truncatingIfNeeded: UInt(bitPattern: key.hashValue) % 16)]
    }

    /// Makes sure that a collection exists; one that is used at least every `timeout` seconds stays.
    func open(_ key: Key, timeout: Int, now: Int) {
        note(CollectionChange(key: key, timeout: timeout))
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

    /// Updates a member of an open collection.
    func update(_ key: Key, _ member: [UInt8], now: Int, _ update: MemberUpdate) {
        change(key, member, CollectionChange.Member(update: update), now: now)
    }

    /// Lets a member end at a second.
    func expire(_ key: Key, _ member: [UInt8], now: Int, at end: Int) {
        change(key, member, CollectionChange.Member(endsAt: end), now: now)
    }

    private func change(_ key: Key, _ member: [UInt8], _ change: CollectionChange.Member, now: Int) {
        let timeout = shard(key).records.withLock { records -> Int? in
            guard var record = records[key], record.endsAt > now else { return nil }
            record.apply(change, to: member, now: now)
            let timeout = record.endsAt &- record.usedAt
            record.usedAt = now
            records[key] = record
            return timeout
        }
        if let timeout {
            note(CollectionChange(key: key, timeout: timeout, members: [member: change]))
        }
    }

    // MARK: Several gateways

    /// Takes up to so many changed collections, those that were only opened included: they want to hear what others
    /// did to them.
    package func takeChanges(limit: Int) -> [CollectionChange] {
        var taken: [CollectionChange] = []
        for shard in shards where taken.count < limit {
            shard.changes.withLock { changes in
                for key in changes.keys.prefix(limit - taken.count) {
                    if let change = changes.removeValue(forKey: key) { taken.append(change) }
                }
            }
        }
        return taken
    }

    /// Gives back a change that could not be told to anybody.
    package func giveBack(_ change: CollectionChange) {
        note(change, isEarlier: true)
    }

    /// Takes over what a collection holds everywhere, a change that was taken before included. What happened here since
    /// then comes on top.
    package func merge(
        _ change: CollectionChange,
        _ members: [(name: [UInt8], value: [UInt8], endsAt: Int)],
        now: Int
    ) {
        let key = change.key
        let shard = shard(key)
        let later = shard.changes.withLock { $0[key] }
        shard.records.withLock { records in
            guard var record = records[key], record.endsAt > now else { return }
            record.members = [:]
            for member in members.prefix(CollectionStore.memberLimit) where member.endsAt > now {
                record.members[member.name] = Member(value: member.value, endsAt: member.endsAt)
            }
            for (name, change) in later?.members ?? [:] {
                record.apply(change, to: name, now: now)
            }
            records[key] = record
        }
    }

    private func note(_ change: CollectionChange, isEarlier: Bool = false) {
        guard notesChanges else { return }
        shard(change.key).changes.withLock { changes in
            guard let known = changes[change.key] else {
                // Nobody has taken any for long: what happens to further collections is known here alone.
                if changes.count < CollectionStore.collectionLimit / CollectionStore.shardCount {
                    changes[change.key] = change
                }
                return
            }
            changes[change.key] =
                isEarlier ? change.followed(by: known) : known.followed(by: change)
        }
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
