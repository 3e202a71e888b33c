import Synchronization

/// How many places each client has taken of late, roughly: clients share counters, which halve each minute.
///
/// Contention: one relaxed counter per new place; once a minute somebody halves them all.
final class PlaceDensity: Sendable {
    private static let count = 1_024
    private let places = AtomicRow<1_024>()
    private let halvedAt = Atomic<Int64>(0)

    /// Counts one more place and says how many there are.
    func add(_ client: [UInt8], now: Int64) -> Int {
        guard !client.isEmpty else { return 0 }
        halve(now)
        let index = client.reduce(0x811C_9DC5) { (($0 ^ Int($1)) &* 0x0100_0193) & 0xFFFF_FFFF }
        let cell = (index ^ index >> 16) % Self.count
        places.add(1, at: cell)
        return places.load(cell)
    }

    private func halve(_ now: Int64) {
        let last = halvedAt.load(ordering: .relaxed)
        guard now - last >= 60_000 || now < last,
            halvedAt.compareExchange(expected: last, desired: now, ordering: .relaxed).exchanged
        else { return }
        for cell in 0..<Self.count { places.add(-(places.load(cell) + 1) / 2, at: cell) }
    }
}
