/// A set of bytes to be looked for: sixteen positions at a time if the set is small, through a table if not.
struct ByteSet: Sendable {
    private static let comparedLimit = 20

    /// Each member sixteen times over.
    private let members: [SIMD16<UInt8>]
    private let isMember: [Bool]

    init(_ bytes: some Sequence<UInt8>) {
        let bytes = Set(bytes).sorted()
        members = bytes.map { SIMD16(repeating: $0) }
        var isMember = [Bool](repeating: false, count: 256)
        for byte in bytes { isMember[Int(byte)] = true }
        self.isMember = isMember
    }

    func contains(_ byte: UInt8) -> Bool { isMember[Int(byte)] }

    /// Whether some byte of `value` is in the set.
    @inline(__always)
    func intersects(_ value: ByteView) -> Bool {
        if members.isEmpty || value.isEmpty { return false }
        return members.count <= ByteSet.comparedLimit && value.count >= 16 ? compares(value) : looksUp(value)
    }

    private func looksUp(_ value: ByteView) -> Bool {
        for index in 0..<value.count where isMember[Int(value[index])] { return true }
        return false
    }

    private func compares(_ value: ByteView) -> Bool {
        unsafe value.withBytes { bytes in
            guard let start = unsafe bytes.baseAddress.map({ unsafe UnsafeRawPointer($0) }) else { return false }
            return unsafe members.withUnsafeBufferPointer { members in
                var found = SIMDMask<SIMD16<Int8>>(repeating: false)
                var offset = 0
                while true {
                    let chunk = unsafe start.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
                    for index in members.indices {
                        found .|= unsafe chunk .== members[index]
                    }
                    if offset == bytes.count - 16 { break }
                    // The last step overlaps the one before it, so that nothing beyond the end is read.
                    offset = min(offset + 16, bytes.count - 16)
                }
                return any(found)
            }
        }
    }
}
