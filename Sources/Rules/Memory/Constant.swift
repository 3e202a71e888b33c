/// Bytes that live as long as the rule set they belong to.
///
/// Unchecked because of the pointer: the memory is written once, before anybody else sees it, and freed with the
/// object.
@safe final class Constant: @unchecked Sendable {
    private let memory: UnsafeMutableRawBufferPointer
    let count: Int

    init(_ bytes: [UInt8]) {
        unsafe memory = .allocate(byteCount: max(bytes.count, 1), alignment: 1)
        unsafe memory.copyBytes(from: bytes)
        count = bytes.count
    }

    deinit { unsafe memory.deallocate() }

    /// Valid as long as the object.
    var view: ByteView { unsafe ByteView(UnsafeRawBufferPointer(rebasing: memory[0..<count])) }
}
