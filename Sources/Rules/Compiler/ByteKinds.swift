/// Which kinds of bytes stand in a value, one bit each: every letter whatever its case, every digit and every mark of
/// its own; control bytes and those above 7F in groups. The kinds are the same for every rule set, so that any number
/// of rules and transformations can say with them what they need.
struct ByteKinds: Hashable, Sendable {
    private(set) var low: UInt64 = 0
    private(set) var high: UInt64 = 0

    static let none = ByteKinds()
    /// Shares a kind with every value, even with the empty one.
    static let all = ByteKinds(low: .max, high: .max)
    /// Set for a value whose kinds are known.
    static let known = ByteKinds(127)

    /// Capital and small letters, for what depends on their case.
    static let capitals = ByteKinds(78)
    static let smalls = ByteKinds(79)
    /// What takes two bytes: a step within a path, two spaces, a mark of a comment, `0x`, and a space that a shell
    /// ignores.
    static let pathStep = ByteKinds(80)
    static let spaces = ByteKinds(81)
    static let comment = ByteKinds(82)
    static let hexMark = ByteKinds(83)
    static let shellSpace = ByteKinds(84)

    init() {}

    private init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    private init(_ number: Int) {
        if number < 64 { low = 1 << UInt64(number) } else { high = 1 << UInt64(number - 64) }
    }

    /// The kind of one byte, apart from its case.
    init(of byte: UInt8) {
        switch byte {
        case 0x41...0x5A: self.init(Int(byte) - 0x41)
        case 0x61...0x7A: self.init(Int(byte) - 0x61)
        case 0x30...0x39: self.init(26 + Int(byte) - 0x30)
        case 0x21...0x2F: self.init(36 + Int(byte) - 0x21)
        case 0x3A...0x40: self.init(51 + Int(byte) - 0x3A)
        case 0x5B...0x60: self.init(58 + Int(byte) - 0x5B)
        case 0x7B...0x7E: self.init(64 + Int(byte) - 0x7B)
        case 0x20: self.init(68)
        case 0x09...0x0D: self.init(69 + Int(byte) - 0x09)
        case 0x00: self.init(74)
        case 0xA0: self.init(76)
        case 0x80...0xFF: self.init(77)
        default: self.init(75)
        }
    }

    /// The kinds of which a value that holds one of `bytes` has one, whatever the case of letters.
    init(of bytes: some Sequence<UInt8>) {
        for byte in bytes { formUnion(ByteKinds(of: byte)) }
    }

    /// The same; all capitals without small letters, or the other way round, depend on case.
    init(withCaseOf bytes: some Sequence<UInt8>) {
        var left = Set(bytes)
        for (first, kind) in [(UInt8(0x41), ByteKinds.capitals), (0x61, .smalls)] {
            let letters = first...(first + 25)
            let other = (first ^ 0x20)...((first ^ 0x20) + 25)
            if letters.allSatisfy(left.contains), !other.contains(where: left.contains) {
                formUnion(kind)
                left.subtract(letters)
            }
        }
        formUnion(ByteKinds(of: left))
    }

    @inline(__always)
    func intersects(_ other: ByteKinds) -> Bool { (low & other.low) | (high & other.high) != 0 }

    @inline(__always)
    mutating func formUnion(_ other: ByteKinds) {
        low |= other.low
        high |= other.high
    }

    func union(_ other: ByteKinds) -> ByteKinds {
        ByteKinds(low: low | other.low, high: high | other.high)
    }

    @inline(__always)
    func intersection(_ other: ByteKinds) -> ByteKinds {
        ByteKinds(low: low & other.low, high: high & other.high)
    }

    func subtracting(_ other: ByteKinds) -> ByteKinds {
        ByteKinds(low: low & ~other.low, high: high & ~other.high)
    }

    var isEmpty: Bool { low | high == 0 }

    /// How many kinds they are.
    var count: Int { low.nonzeroBitCount + high.nonzeroBitCount }

    /// Without what depends on the case of letters.
    var withoutCase: ByteKinds { subtracting(ByteKinds.capitals.union(.smalls)) }
}

/// A table from bytes to their kinds.
struct ByteKindTable: Sendable {
    private let table: [ByteKinds]
    /// Bytes that may begin something of two bytes.
    private let pairs = ByteKinds(of: [0x2F, 0x20, 0x2D])
    private let star = ByteKinds(of: 0x2A)
    private let zero = ByteKinds(of: 0x30)
    private let known = ByteKinds.known

    init() {
        table = (0...255 as ClosedRange<UInt8>).map { byte in
            var kinds = ByteKinds(of: byte)
            if (0x41...0x5A).contains(byte) { kinds.formUnion(.capitals) }
            if (0x61...0x7A).contains(byte) { kinds.formUnion(.smalls) }
            return kinds
        }
    }

    subscript(_ byte: UInt8) -> ByteKinds { table[Int(byte)] }

    /// The kinds of all bytes of `value` together, with those of its pairs.
    func kinds(of value: ByteView) -> ByteKinds {
        var kinds = unsafe table.withUnsafeBufferPointer { table in
            unsafe value.withBytes { bytes in
                var kinds = ByteKinds.none
                for index in bytes.indices { unsafe kinds.formUnion(table[Int(bytes[index])]) }
                return kinds
            }
        }
        if value.at(0) == 0x2E { kinds.formUnion(.pathStep) }
        if kinds.intersects(star) { kinds.formUnion(.comment) }
        if kinds.intersects(zero) { kinds.formUnion(.hexMark) }
        if kinds.intersects(pairs) { ByteKindTable.addPairs(of: value, to: &kinds) }
        kinds.formUnion(known)
        return kinds
    }

    private static func addPairs(of value: ByteView, to kinds: inout ByteKinds) {
        unsafe value.withBytes { bytes in
            var before: UInt8 = 0
            for index in bytes.indices {
                let byte = unsafe bytes[index]
                switch byte {
                case 0x2F:
                    if before == 0x2F || before == 0x2E { kinds.formUnion(.pathStep) }
                    if before == 0x20 { kinds.formUnion(.shellSpace) }
                case 0x2E: if before == 0x2F { kinds.formUnion(.pathStep) }
                case 0x28: if before == 0x20 { kinds.formUnion(.shellSpace) }
                case 0x2D: if before == 0x2D { kinds.formUnion(.comment) }
                case 0x20:
                    if before == 0x20 {
                        kinds.formUnion(.spaces)
                        kinds.formUnion(.shellSpace)
                    }
                default: break
                }
                before = byte
            }
        }
    }
}
