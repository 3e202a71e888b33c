/// Keys that leave by themselves at a time that may be put off.
///
/// The heap holds one entry per insertion. Putting off changes the dictionary alone, so a session that is renewed on
/// every request costs one lookup; the entry moves on when its old time comes.
struct ExpiringSet<Key: Hashable & Comparable & Sendable>: Sendable {
    private struct Entry: Comparable {
        let time: Int64
        let key: Key

        static func < (left: Entry, right: Entry) -> Bool {
            (left.time, left.key) < (right.time, right.key)
        }
    }

    private var times: [Key: Int64] = [:]
    private var heap = MinimumHeap<Entry>()

    var count: Int { times.count }
    /// Keys and their times.
    var entries: [(Key, Int64)] { times.map { ($0.key, $0.value) } }

    /// When the first key leaves, or one that was removed or put off would have; nil if there is none.
    var nextTime: Int64? { heap.first?.time }

    subscript(key: Key) -> Int64? { times[key] }

    mutating func insert(_ key: Key, until time: Int64) {
        times[key] = time
        heap.insert(Entry(time: time, key: key))
        // Keys removed early leave their entries behind; a history of such keys must not grow the heap.
        if heap.count > 2 * times.count + 64 {
            heap = MinimumHeap(times.map { Entry(time: $0.value, key: $0.key) })
        }
    }

    /// Puts a key off, never back; false if it is not there.
    mutating func extend(_ key: Key, until time: Int64) -> Bool {
        guard let index = times.index(forKey: key) else { return false }
        if times.values[index] < time { times.values[index] = time }
        return true
    }

    @discardableResult
    mutating func remove(_ key: Key) -> Bool { times.removeValue(forKey: key) != nil }

    /// Removes every key whose time has come and says how many there were.
    @discardableResult
    mutating func expire(at now: Int64) -> Int { removeExpired(at: now).count }

    /// Removes every key whose time has come.
    mutating func removeExpired(at now: Int64) -> [Key] {
        var removed: [Key] = []
        while let entry = heap.first, entry.time <= now {
            heap.removeFirst()
            guard let time = times[entry.key] else { continue }
            if time <= now {
                times[entry.key] = nil
                removed.append(entry.key)
            } else {
                heap.insert(Entry(time: time, key: entry.key))
            }
        }
        return removed
    }
}
