/// The sources in which forms of values stand. What a transformation makes that changes any value, such as
/// base64Decode, stands apart: it holds bytes that nobody sent, and is no business of rules that look at what was sent.
struct FormSources: Sendable {
    /// Sources of ordinary forms in the low byte, those of active chains above.
    private(set) var bits: UInt16

    static let none = FormSources(bits: 0)

    private init(bits: UInt16) { self.bits = bits }

    init(_ sources: UInt8, isActive: Bool) {
        bits = isActive ? UInt16(sources) << 8 : UInt16(sources)
    }

    var isEmpty: Bool { bits == 0 }
    var hasOrdinary: Bool { bits & 0xFF != 0 }

    @inline(__always)
    func intersects(_ other: FormSources) -> Bool { bits & other.bits != 0 }

    @inline(__always)
    mutating func formUnion(_ other: FormSources) { bits |= other.bits }

    /// Those for whose bit `isKept` is true.
    @inline(__always)
    func filter(_ isKept: (Int) -> Bool) -> FormSources {
        var kept: UInt16 = 0
        for bit in self where isKept(bit) { kept |= 1 &<< UInt16(truncatingIfNeeded: bit) }
        return FormSources(bits: kept)
    }
}

/// The number of each source's bit.
extension FormSources: Sequence {
    struct Iterator: IteratorProtocol {
        fileprivate var left: UInt16

        @inline(__always)
        mutating func next() -> Int? {
            if left == 0 { return nil }
            defer { left &= left &- 1 }
            return left.trailingZeroBitCount
        }
    }

    @inline(__always)
    func makeIterator() -> Iterator { Iterator(left: bits) }
}
