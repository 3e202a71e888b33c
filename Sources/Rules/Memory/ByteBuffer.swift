/// A growing run of bytes: a body, or values to be scanned together.
@safe final class ByteBuffer {
    private static let keptBytesLimit = 65_536

    private var memory: UnsafeMutableRawBufferPointer = unsafe .init(start: nil, count: 0)
    private(set) var count = 0

    deinit { unsafe memory.deallocate() }

    /// Valid until the buffer changes.
    var view: ByteView { unsafe ByteView(UnsafeRawBufferPointer(start: memory.baseAddress, count: count)) }

    func removeAll() {
        count = 0
        if unsafe memory.count > ByteBuffer.keptBytesLimit {
            unsafe memory.deallocate()
            unsafe memory = .init(start: nil, count: 0)
        }
    }

    func append(_ bytes: ByteView) {
        reserve(bytes.count)
        if let source = unsafe bytes.address, let base = unsafe memory.baseAddress {
            unsafe (base + count).copyMemory(from: source, byteCount: bytes.count)
        }
        count += bytes.count
    }

    func append(_ byte: UInt8) {
        reserve(1)
        unsafe memory[count] = byte
        count += 1
    }

    private func reserve(_ length: Int) {
        guard unsafe count + length > memory.count else { return }
        let grown = UnsafeMutableRawBufferPointer.allocate(byteCount: max((count + length) * 2, 1_024), alignment: 16)
        if unsafe memory.count > 0 {
            unsafe grown.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[0..<count]))
        }
        unsafe memory.deallocate()
        unsafe memory = unsafe grown
    }
}
