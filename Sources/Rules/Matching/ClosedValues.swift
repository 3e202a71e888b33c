import Glibc

/// Header values that were found to be harmless lately: clients send the same fields with every request. One per worker
/// and rule set, of fixed size; a value that is met again costs a comparison instead of a scan.
@safe final class ClosedValues {
    private static let entryCount = 256
    private static let valueBytesLimit = 512

    private struct Entry {
        var hash: UInt64 = 0
        var length = -1
        var source = SourceClass.changing
    }

    // Unchecked, since no method of this class calls out while it changes them.
    @exclusivity(unchecked) private var entries = [Entry](
        repeating: Entry(),
        count: ClosedValues.entryCount
    )
    private let memory: UnsafeMutableRawPointer

    init() {
        unsafe memory = .allocate(
            byteCount: ClosedValues.entryCount * ClosedValues.valueBytesLimit,
            alignment: 16
        )
    }

    deinit { unsafe memory.deallocate() }

    /// Whether the same bytes were kept for the same source.
    func contains(_ value: ByteView, _ source: SourceClass) -> Bool {
        guard value.count <= ClosedValues.valueBytesLimit, let address = unsafe value.address else {
            return false
        }
        let hash = ClosedValues.hash(value, source)
        let index = Int(truncatingIfNeeded: hash >> 56)
        let entry = unsafe entries[index]
        guard entry.hash == hash, entry.length == value.count, entry.source == source else {
            return false
        }
        return unsafe memcmp(memory + index * ClosedValues.valueBytesLimit, address, value.count)
            == 0
    }

    /// Keeps a value in the place of another one.
    func keep(_ value: ByteView, _ source: SourceClass) {
        guard value.count <= ClosedValues.valueBytesLimit, let address = unsafe value.address else {
            return
        }
        let hash = ClosedValues.hash(value, source)
        let index = Int(truncatingIfNeeded: hash >> 56)
        unsafe entries[index] = Entry(hash: hash, length: value.count, source: source)
        let place = unsafe memory + index * ClosedValues.valueBytesLimit
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
