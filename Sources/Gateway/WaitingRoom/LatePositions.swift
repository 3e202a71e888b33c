/// Places whose turn came while nobody was there, and whose visitor has been seen again: lowest number first.
struct LatePositions: Sendable {
    private var aliveUntil: [Int64: Int64] = [:]
    private var heap = MinimumHeap<Int64>()

    /// Places and until when they count as alive.
    var entries: [(Int64, Int64)] { aliveUntil.map { ($0.key, $0.value) } }

    func contains(_ position: Int64) -> Bool { aliveUntil[position] != nil }

    mutating func insert(_ position: Int64, aliveUntil: Int64) {
        let time = WaitingPositions.whole(aliveUntil)
        if let known = self.aliveUntil[position] {
            self.aliveUntil[position] = max(known, time)
            return
        }
        self.aliveUntil[position] = time
        heap.insert(position)
        if heap.count > 2 * self.aliveUntil.count + 64 {
            heap = MinimumHeap(self.aliveUntil.keys)
        }
    }

    mutating func remove(_ position: Int64) { aliveUntil[position] = nil }

    /// Takes out the lowest number that is alive; those found silent on the way are late but unseen again.
    mutating func removeFirst(aliveAt now: Int64) -> (position: Int64, aliveUntil: Int64)? {
        while let position = heap.removeFirst() {
            guard let time = aliveUntil.removeValue(forKey: position), time > now else { continue }
            return (position, time)
        }
        return nil
    }
}
