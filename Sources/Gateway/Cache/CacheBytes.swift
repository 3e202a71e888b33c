import Glibc
import HTTP

/// Bytes of its own on the heap, grown while a response arrives and never touched again once it is stored.
@safe
// Unchecked for the pointer: the memory has one owner, and only a mutating call changes it.
struct CacheBytes: ~Copyable, @unchecked Sendable {
    private(set) var count = 0
    private(set) var capacity = 0
    private var base: UnsafeMutablePointer<UInt8>?

    init() {}

    deinit {
        unsafe free(base)
    }

    /// The bytes; valid while this value lives and does not grow.
    var view: ByteView {
        guard let base = unsafe base else { return .empty }
        return unsafe ByteView(base, count: count)
    }

    /// Makes room for `bytes` in all, or gives room back, but never below `count`.
    mutating func resize(to bytes: Int) {
        let wanted = max(bytes, count, 1)
        guard wanted != capacity else { return }
        // An allocation refused by the system leaves nothing to do: Linux refuses none of the sizes the limits allow.
        guard let moved = unsafe realloc(base, wanted) else { preconditionFailure("out of memory") }
        unsafe base = moved.assumingMemoryBound(to: UInt8.self)
        capacity = wanted
    }

    /// Gives back the room that is not used.
    mutating func fit() {
        resize(to: count)
    }

    mutating func append(_ bytes: ByteView) {
        guard bytes.count > 0 else { return }
        reserve(bytes.count)
        guard let base = unsafe base else { return }
        unsafe bytes.withUnsafeBytes { source in
            guard let from = source.baseAddress else { return }
            unsafe memcpy(base + count, from, source.count)
        }
        count += bytes.count
    }

    mutating func append(_ literal: StaticString) {
        append(ByteView(literal))
    }

    mutating func append(byte: UInt8) {
        reserve(1)
        guard let base = unsafe base else { return }
        unsafe base[count] = byte
        count += 1
    }

    /// Appends a number that is not negative.
    mutating func append(decimal value: Int) {
        if value >= 10 { append(decimal: value / 10) }
        append(byte: UInt8(truncatingIfNeeded: 0x30 + value % 10))
    }

    /// Appends with ASCII capitals lowered.
    mutating func append(lowered bytes: ByteView) {
        for index in 0..<bytes.count {
            let byte = bytes[index]
            append(byte: byte &- 0x41 < 26 ? byte | 0x20 : byte)
        }
    }

    private mutating func reserve(_ more: Int) {
        let needed = count + more
        if needed > capacity { resize(to: max(needed, capacity * 2, 512)) }
    }
}
