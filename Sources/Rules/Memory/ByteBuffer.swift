/// A growing run of bytes: a body, or values to be scanned together.
@safe final class ByteBuffer {
    private static let keptBytesLimit = 65_536

    // Unchecked, since no method of this class calls out while it changes them; appending is the most frequent call
    // of all.
    @exclusivity(unchecked) private var memory: UnsafeMutableRawBufferPointer = unsafe .init(
        start: nil,
        count: 0
    )
    @exclusivity(unchecked) private var length = 0

    deinit { unsafe memory.deallocate() }

    var count: Int { unsafe length }

    /// Valid until the buffer changes.
    var view: ByteView {
        unsafe ByteView(UnsafeRawBufferPointer(start: memory.baseAddress, count: length))
    }

    func removeAll() {
        unsafe length = 0
        if unsafe memory.count > ByteBuffer.keptBytesLimit {
            unsafe memory.deallocate()
            unsafe memory = .init(start: nil, count: 0)
        }
    }

    /// Drops what stands behind the first `count` bytes.
    func truncate(to count: Int) { unsafe length = min(max(count, 0), length) }

    @inline(__always)
    func append(_ bytes: ByteView) {
        let start = unsafe length
        let end = start + bytes.count
        if unsafe end > memory.count { grow(to: end) }
        if let source = unsafe bytes.address, let base = unsafe memory.baseAddress {
            unsafe (base + start).copyMemory(from: source, byteCount: bytes.count)
        }
        unsafe length = end
    }

    @inline(__always)
    func append(_ byte: UInt8) {
        let start = unsafe length
        if unsafe start >= memory.count { grow(to: start + 1) }
        unsafe memory[start] = byte
        unsafe length = start + 1
    }

    private func grow(to size: Int) {
        let grown = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(size * 2, 1_024),
            alignment: 16
        )
        let used = unsafe UnsafeRawBufferPointer(start: memory.baseAddress, count: length)
        if unsafe !used.isEmpty { unsafe grown.copyMemory(from: used) }
        unsafe memory.deallocate()
        unsafe memory = unsafe grown
    }
}
