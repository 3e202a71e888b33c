import Synchronization

/// How many connections are open, in all and per client address, shared by every worker.
///
/// One 64-bit word per client: 48 bits of keyed hash, 16 bits of count; a count of zero is a free slot. Like the rate
/// limits it never refuses because its table is full: such a connection counts in all only, and `untrackedCount`
/// grows.
///
/// **Contention.** No lock: opening and closing are one compare-and-swap on the client's word and one add on the total.
/// Two workers that meet a new client at the same moment normally race for the same free slot, and the loser finds the
/// winner's entry; should a slot before it be freed in between, that client has two entries, hence at most twice its
/// limit until one of them is empty.
final class ConnectionLimit: Sendable {
    /// Why a connection was refused.
    enum Refusal: Hashable, Sendable {
        case total
        case client
    }

    /// One open connection; closing it, or dropping this value, gives the place back.
    struct Place: ~Copyable, Sendable {
        private let limit: ConnectionLimit
        private let slot: Int?

        fileprivate init(limit: ConnectionLimit, slot: Int?) {
            self.limit = limit
            self.slot = slot
        }

        deinit { limit.close(slot: slot) }
    }

    /// A place, or the reason why there is none.
    enum Opening: ~Copyable, Sendable {
        case open(Place)
        case refused(Refusal)
    }

    private static let slotsPerGroup = 8
    private static let countMask: UInt64 = 0xffff

    private let words: AtomicWords
    private let groupMask: UInt64
    private let hash: KeyedHash
    private let total = Atomic<Int>(0)
    private let untracked = Atomic<UInt64>(0)
    private let totalLimit: Int
    private let perClientLimit: UInt64

    /// - Parameters:
    ///   - totalLimit: connections of all clients together.
    ///   - perClientLimit: connections of one client, at most 65,535.
    ///   - clientCount: clients the table has room for, rounded up to a power of two; 8 bytes each.
    init(totalLimit: Int, perClientLimit: Int, clientCount: Int, hash: KeyedHash = KeyedHash()) {
        let wanted = min(max(clientCount, Self.slotsPerGroup), 1 << 26)
        var groups = 1
        while groups * Self.slotsPerGroup < wanted { groups *= 2 }
        words = AtomicWords(count: groups * Self.slotsPerGroup)
        groupMask = UInt64(groups - 1)
        self.hash = hash
        self.totalLimit = totalLimit
        self.perClientLimit = UInt64(min(max(perClientLimit, 1), Int(Self.countMask)))
    }

    var openCount: Int { total.load(ordering: .relaxed) }

    /// Connections that are counted in all but not per client, since the process started.
    var untrackedCount: UInt64 { untracked.load(ordering: .relaxed) }

    /// Asks for a place for a new connection of a client.
    func open(_ client: ClientPrefix) -> Opening {
        guard total.add(1, ordering: .relaxed).newValue <= totalLimit else {
            total.subtract(1, ordering: .relaxed)
            return .refused(.total)
        }
        switch count(client) {
        case .slot(let slot): return .open(Place(limit: self, slot: slot))
        case .none: return .open(Place(limit: self, slot: nil))
        case .full:
            total.subtract(1, ordering: .relaxed)
            return .refused(.client)
        }
    }

    /// A place that counts in all alone, for a forwarder through which many clients come; nil if there is none.
    func openUncounted() -> Opening {
        guard total.add(1, ordering: .relaxed).newValue <= totalLimit else {
            total.subtract(1, ordering: .relaxed)
            return .refused(.total)
        }
        return .open(Place(limit: self, slot: nil))
    }

    private enum Entry {
        case slot(Int)
        case none
        case full
    }

    private func count(_ client: ClientPrefix) -> Entry {
        let hashed = hash.hash(client.isIPv6 ? 6 : 4, client.bits)
        let tag = hashed & ~Self.countMask
        let group = Int((hashed >> 16) & groupMask) * Self.slotsPerGroup
        for _ in 0..<64 {
            guard let slot = slot(of: tag, in: group) else { break }
            let word = words.load(slot)
            let count = word & Self.countMask
            if count > 0, word & ~Self.countMask != tag { continue }
            if count >= perClientLimit { return .full }
            if words.exchange(slot, expected: word, desired: tag | (count + 1)) {
                return .slot(slot)
            }
        }
        untracked.add(1, ordering: .relaxed)
        return .none
    }

    private func slot(of tag: UInt64, in group: Int) -> Int? {
        var free: Int?
        for slot in group..<group + Self.slotsPerGroup {
            let word = words.load(slot)
            if word & Self.countMask == 0 {
                free = free ?? slot
            } else if word & ~Self.countMask == tag {
                return slot
            }
        }
        return free
    }

    private func close(slot: Int?) {
        total.subtract(1, ordering: .relaxed)
        guard let slot else { return }
        // The slot cannot change hands before its count is zero, so it is still this client's.
        var word = words.load(slot)
        while word & Self.countMask > 0, !words.exchange(slot, expected: word, desired: word - 1) {
            word = words.load(slot)
        }
    }
}
