import Synchronization

/// A fixed run of 64-bit atomics, the shared memory of the limit tables.
///
/// The words live until this value is destroyed; an index outside the run traps, so callers mask theirs.
@safe
// Unchecked: the pointer never changes after init and every access to what it points at is atomic.
struct AtomicWords: ~Copyable, @unchecked Sendable {
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    let count: Int

    /// Allocates `count` zeroed words, aligned so that eight neighbours share one cache line.
    init(count: Int) {
        precondition(count > 0 && count <= 1 << 32)
        let stride = MemoryLayout<Atomic<UInt64>>.stride
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count * stride, alignment: 64)
        unsafe words = memory.bindMemory(to: Atomic<UInt64>.self, capacity: count)
        for index in 0..<count { unsafe (words + index).initialize(to: Atomic(0)) }
        self.count = count
    }

    deinit {
        unsafe words.deinitialize(count: count)
        unsafe words.deallocate()
    }

    @inline(__always)
    func load(_ index: Int) -> UInt64 {
        precondition(index >= 0 && index < count)
        return unsafe words[index].load(ordering: .acquiring)
    }

    @inline(__always)
    func store(_ value: UInt64, at index: Int) {
        precondition(index >= 0 && index < count)
        unsafe words[index].store(value, ordering: .releasing)
    }

    /// Replaces the word if it still holds `expected`; says whether it did.
    @inline(__always)
    func exchange(_ index: Int, expected: UInt64, desired: UInt64) -> Bool {
        precondition(index >= 0 && index < count)
        return unsafe words[index].compareExchange(
            expected: expected,
            desired: desired,
            ordering: .acquiringAndReleasing
        ).exchanged
    }
}
