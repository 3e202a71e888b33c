extension ByteView {
    func equals(_ other: ByteView) -> Bool {
        count == other.count && starts(with: other, at: 0)
    }

    func equals(_ other: [UInt8]) -> Bool {
        other.withView { equals($0) }
    }

    func equals(_ text: StaticString) -> Bool { equals(ByteView(text)) }

    /// Equal but for the case of ASCII letters.
    func equalsFolded(_ other: ByteView) -> Bool {
        guard count == other.count else { return false }
        return unsafe withBytes { left in
            unsafe other.withBytes { right in
                guard left.count >= 8 else {
                    for index in left.indices where unsafe left[index] != right[index] {
                        guard unsafe left[index].foldedCase == right[index].foldedCase else {
                            return false
                        }
                    }
                    return true
                }
                // The last step overlaps the one before it.
                let last = left.count - 8
                var offset = 0
                while offset < last {
                    guard
                        unsafe ByteView.foldedWord(left, offset)
                            == ByteView.foldedWord(right, offset)
                    else {
                        return false
                    }
                    offset &+= 8
                }
                return unsafe ByteView.foldedWord(left, last) == ByteView.foldedWord(right, last)
            }
        }
    }

    /// Eight bytes with the capital letters among them made small.
    @inline(__always)
    private static func foldedWord(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int) -> UInt64 {
        let word = unsafe UnsafeRawBufferPointer(bytes).loadUnaligned(
            fromByteOffset: offset,
            as: UInt64.self
        )
        let ones: UInt64 = 0x0101_0101_0101_0101
        let low = word & (ones &* 0x7F)
        // The top bit of a byte is set where it is at least A, and where it is above Z.
        let capitals =
            (low &+ (ones &* (0x80 - 0x41))) & ~(low &+ (ones &* (0x7F - 0x5A))) & ~word
            & (ones &* 0x80)
        return word | capitals &>> 2
    }

    func equalsFolded(_ other: [UInt8]) -> Bool {
        other.withView { equalsFolded($0) }
    }

    func equalsFolded(_ text: StaticString) -> Bool { equalsFolded(ByteView(text)) }

    /// Whether `other` stands at `offset`.
    func starts(with other: ByteView, at offset: Int = 0) -> Bool {
        guard offset >= 0, other.count <= count - offset else { return false }
        for index in 0..<other.count where self[offset + index] != other[index] { return false }
        return true
    }

    func starts(with text: StaticString, at offset: Int = 0) -> Bool {
        starts(with: ByteView(text), at: offset)
    }

    /// Whether `other` stands at `offset` but for the case of ASCII letters.
    func startsFolded(with other: ByteView, at offset: Int = 0) -> Bool {
        guard offset >= 0, other.count <= count - offset else { return false }
        for index in 0..<other.count
        where self[offset + index].foldedCase != other[index].foldedCase { return false }
        return true
    }

    func startsFolded(with text: StaticString, at offset: Int = 0) -> Bool {
        startsFolded(with: ByteView(text), at: offset)
    }

    /// The first position of `other` at or after `offset`.
    func firstRange(of other: ByteView, from offset: Int = 0) -> Int? {
        guard let first = other.at(0) else { return offset <= count ? offset : nil }
        var position = offset
        while let candidate = firstIndex(of: first, from: position) {
            guard other.count <= count - candidate else { return nil }
            if starts(with: other, at: candidate) { return candidate }
            position = candidate + 1
        }
        return nil
    }

    func contains(_ text: StaticString) -> Bool { firstRange(of: ByteView(text)) != nil }

    /// The number in front of the view as C's `atoi` reads it: optional white space and sign, then digits; 0 without
    /// digits, clamped to 18 digits.
    var leadingInteger: Int {
        var index = 0
        while let byte = at(index), byte.isWhitespace { index += 1 }
        let isNegative = at(index) == UInt8(ascii: "-")
        if isNegative || at(index) == UInt8(ascii: "+") { index += 1 }
        var number = 0
        while let digit = at(index)?.decimalDigit {
            if number >= 100_000_000_000_000_000 { break }
            number = number * 10 + digit
            index += 1
        }
        return isNegative ? -number : number
    }
}
