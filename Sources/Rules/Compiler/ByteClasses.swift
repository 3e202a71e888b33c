/// A table from bytes to classes: which transformations a byte can set in motion, and which one-byte requirements of
/// rules it meets. Joined over a value by OR, the classes say what need not be tried.
struct ByteClasses: Sendable {
    /// Set for a value whose classes are known.
    static let known: UInt64 = 1 << 63
    private static let bitLimit = 62

    private(set) var table = [UInt64](repeating: 0, count: 256)
    private var transformationBits = [UInt64](repeating: 0, count: Transformation.allCases.count)
    private var setBits: [Set<UInt8>: UInt64] = [:]
    private var bitCount = 0

    /// The bit of values that a transformation may change; nil if it may change any, or if the bits are used up.
    func bit(of transformation: Transformation) -> UInt64? {
        let bit = transformationBits[transformation.number]
        return bit == 0 ? nil : bit
    }

    mutating func add(_ transformation: Transformation) {
        guard transformationBits[transformation.number] == 0,
            let bytes = transformation.activation.bytes,
            let bit = bit(of: Set(bytes))
        else { return }
        transformationBits[transformation.number] = bit
    }

    /// The bit of values that hold one of `bytes`; nil if the bits are used up.
    mutating func bit(of bytes: Set<UInt8>) -> UInt64? {
        if let bit = setBits[bytes] { return bit }
        guard bitCount < ByteClasses.bitLimit else { return nil }
        let bit: UInt64 = 1 << UInt64(bitCount)
        bitCount += 1
        setBits[bytes] = bit
        for byte in bytes { table[Int(byte)] |= bit }
        return bit
    }

    /// The classes of all bytes of `value` together.
    func classes(of value: ByteView) -> UInt64 {
        unsafe table.withUnsafeBufferPointer { table in
            unsafe value.withBytes { bytes in
                var classes: UInt64 = 0
                for index in bytes.indices { unsafe classes |= table[Int(bytes[index])] }
                return classes
            }
        }
    }
}
