import Synchronization

/// What is kept of a room when its configuration is read again.
final class RoomMemory: Sendable {
    let figures = RoomFigures()
    let inventory = RoomInventory()
    let latency = BackendLatency()
    let density = PlaceDensity()
    let parked: ParkedPolls
    /// Whether the process ends, so that nobody is to wait for an answer longer than needed. Written by ticks.
    let isEnding = Atomic<Bool>(false)
    /// Counts the rooms that were made of this memory, and which of them is in force.
    private let generations = Atomic<Int>(0)
    private let present = Atomic<Int>(0)
    /// Whether somebody is taking admissions over into the chain: one at a time, so that they stay in order.
    let isChaining = Atomic<Bool>(false)

    init(parkedTotal: ParkedPolls.Total = ParkedPolls.Total()) {
        parked = ParkedPolls(of: parkedTotal)
    }

    func nextGeneration() -> Int { generations.add(1, ordering: .relaxed).newValue }

    /// Notes which room lets time pass: a configuration may be read and not come into force.
    func enforce(_ generation: Int) { present.store(generation, ordering: .relaxed) }

    /// Whether a later room has come into force.
    func isOver(_ generation: Int) -> Bool { present.load(ordering: .relaxed) > generation }

    /// Whether no other room has come into force.
    func isInForce(_ generation: Int) -> Bool {
        let present = present.load(ordering: .relaxed)
        return present == 0 || present == generation
    }
}
