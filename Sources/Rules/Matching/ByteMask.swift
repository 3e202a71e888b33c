/// A set of bytes, as a regular expression names them: 256 bits.
struct ByteMask: Hashable, Sendable {
    private var words = SIMD4<UInt64>()

    static let all = ByteMask().inverted
    static let word = ByteMask { $0.isWordByte }
    static let digit = ByteMask { $0.isDigit }
    static let space = ByteMask { $0.isWhitespace }
    static let horizontalSpace = ByteMask { $0 == 0x09 || $0 == 0x20 || $0 == 0xA0 }
    static let verticalSpace = ByteMask { $0 &- 0x0A < 4 || $0 == 0x85 }
    static let lineFeed = ByteMask { $0 == 0x0A }

    init() {}

    init(_ isMember: (UInt8) -> Bool) {
        for byte in 0...255 as ClosedRange<UInt8> where isMember(byte) { insert(byte) }
    }

    mutating func insert(_ byte: UInt8) { words[Int(byte) / 64] |= 1 << (UInt64(byte) % 64) }

    mutating func insert(_ range: ClosedRange<UInt8>) { for byte in range { insert(byte) } }

    mutating func formUnion(_ other: ByteMask) { words |= other.words }

    var isEmpty: Bool { words == SIMD4() }

    func intersection(_ other: ByteMask) -> ByteMask {
        var common = self
        common.words &= other.words
        return common
    }

    func contains(_ byte: UInt8) -> Bool { words[Int(byte) / 64] >> (UInt64(byte) % 64) & 1 == 1 }

    var inverted: ByteMask {
        var inverted = self
        inverted.words = ~words
        return inverted
    }

    /// The capital letters in the second word; the small ones stand 32 bits higher.
    private static let capitals: UInt64 = 0x07FF_FFFE

    /// With both cases of every ASCII letter in the set.
    var ignoringCase: ByteMask {
        var mask = self
        let letters = (words[1] | words[1] &>> 32) & ByteMask.capitals
        mask.words[1] |= letters | letters &<< 32
        return mask
    }

    /// The members, letters in lower case, in order; nil if there are more than `limit`.
    func folded(limit: Int) -> [UInt8]? {
        var left = words
        left[1] |= (left[1] & ByteMask.capitals) &<< 32
        left[1] &= ~ByteMask.capitals
        let count = (0..<4).reduce(0) { $0 + left[$1].nonzeroBitCount }
        if count > limit { return nil }
        var members: [UInt8] = []
        for word in 0..<4 {
            while left[word] != 0 {
                members.append(
                    UInt8(truncatingIfNeeded: word * 64 + left[word].trailingZeroBitCount)
                )
                left[word] &= left[word] - 1
            }
        }
        return members
    }

    /// The class that `[:name:]` stands for.
    static func posix(_ name: String) -> ByteMask? {
        switch name {
        case "alpha": ByteMask { $0.isLetter }
        case "digit": digit
        case "alnum": ByteMask { $0.isLetter || $0.isDigit }
        case "upper": ByteMask { $0.isUppercase }
        case "lower": ByteMask { $0.isLetter && !$0.isUppercase }
        case "space": space
        case "blank": ByteMask { $0 == 0x20 || $0 == 0x09 }
        case "cntrl": ByteMask { $0 < 0x20 || $0 == 0x7F }
        case "print": ByteMask { $0 >= 0x20 && $0 < 0x7F }
        case "graph": ByteMask { $0 > 0x20 && $0 < 0x7F }
        case "punct": ByteMask { $0 > 0x20 && $0 < 0x7F && !$0.isLetter && !$0.isDigit }
        case "xdigit": ByteMask { $0.hexDigit != nil }
        case "word": word
        default: nil
        }
    }
}
