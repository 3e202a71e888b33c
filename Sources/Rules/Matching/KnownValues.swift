import Glibc

/// What was found in values lately: clients send the same fields with every request. One per worker and rule set, of
/// fixed size; a value that is met again costs a comparison instead of a scan.
@safe final class KnownValues {
    private static let entryCount = 256
    private static let valueBytesLimit = 512

    private struct Entry {
        var hash: UInt64 = 0
        var length = -1
        var source = SourceClass.changing
        var isOpen = false
    }

    // Unchecked, since no method of this class calls out while it changes them.
    @exclusivity(unchecked) private var entries = [Entry](
        repeating: Entry(),
        count: KnownValues.entryCount
    )
    private let memory: UnsafeMutableRawPointer

    init() {
        unsafe memory = .allocate(
            byteCount: KnownValues.entryCount * KnownValues.valueBytesLimit,
            alignment: 16
        )
    }

    deinit { unsafe memory.deallocate() }

    /// Whether the same bytes were kept for the same source as harmless.
    func contains(_ value: ByteView, _ source: SourceClass) -> Bool {
        isOpen(value, source) == false
    }

    /// Whether something was found when the same bytes were kept for the same source; nil if they were not.
    func isOpen(_ value: ByteView, _ source: SourceClass) -> Bool? {
        guard value.count <= KnownValues.valueBytesLimit, let address = unsafe value.address else {
            return nil
        }
        let hash = KnownValues.hash(value, source)
        let index = Int(truncatingIfNeeded: hash >> 56)
        let entry = unsafe entries[index]
        guard entry.hash == hash, entry.length == value.count, entry.source == source,
            unsafe memcmp(memory + index * KnownValues.valueBytesLimit, address, value.count) == 0
        else { return nil }
        return entry.isOpen
    }

    /// Keeps a value in the place of another one.
    func keep(_ value: ByteView, _ source: SourceClass, isOpen: Bool = false) {
        guard value.count <= KnownValues.valueBytesLimit, let address = unsafe value.address else {
            return
        }
        let hash = KnownValues.hash(value, source)
        let index = Int(truncatingIfNeeded: hash >> 56)
        unsafe entries[index] = Entry(
            hash: hash,
            length: value.count,
            source: source,
            isOpen: isOpen
        )
        let place = unsafe memory + index * KnownValues.valueBytesLimit
        unsafe place.copyMemory(from: address, byteCount: value.count)
    }

    /// Spreads values over the entries; the bytes themselves decide.
    @inline(__always)
    private static func hash(_ value: ByteView, _ source: SourceClass) -> UInt64 {
        unsafe value.withBytes { bytes in
            let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15
            var hash =
                (UInt64(truncatingIfNeeded: bytes.count) &<< 8 | UInt64(source.rawValue))
                &* multiplier
            let words = UnsafeRawBufferPointer(bytes)
            guard bytes.count >= 8 else {
                for index in bytes.indices {
                    hash = unsafe (hash ^ UInt64(bytes[index])) &* multiplier
                }
                return hash ^ hash &>> 29
            }
            let last = bytes.count - 8
            var offset = 0
            while offset < last {
                hash =
                    unsafe (hash ^ words.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                    &* multiplier
                hash ^= hash &>> 32
                offset &+= 8
            }
            return unsafe (hash ^ words.loadUnaligned(fromByteOffset: last, as: UInt64.self))
                &* multiplier
        }
    }
}
