import Glibc
import Synchronization

/// A fixed run of 64-bit atomics, the shared memory of the limit tables.
///
/// The words live until this value is destroyed; an index outside the run traps, so callers mask theirs.
@safe
// Unchecked: the pointer never changes after init and every access to what it points at is atomic.
struct AtomicWords: ~Copyable, @unchecked Sendable {
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    let count: Int

    /// Maps `count` zeroed words, aligned so that eight neighbours share one cache line.
    ///
    /// The kernel gives a page when it is first written, so that a table for a million clients costs what the clients
    /// there are cost. Zeroed bytes are what `Atomic(0)` would be initialised to.
    init(count: Int) {
        precondition(count > 0 && count <= 1 << 32)
        let access = PROT_READ | PROT_WRITE
        let mapped = unsafe mmap(nil, Self.bytes(count), access, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory = unsafe mapped, unsafe memory != MAP_FAILED else {
            preconditionFailure("the system has no memory left")
        }
        unsafe words = memory.bindMemory(to: Atomic<UInt64>.self, capacity: count)
        self.count = count
    }

    deinit { unsafe munmap(words, Self.bytes(count)) }

    private static func bytes(_ count: Int) -> Int { count * MemoryLayout<Atomic<UInt64>>.stride }

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
