import CScan

extension ByteView {
    /// Whether both views hold the same bytes.
    @inlinable
    public func equals(_ other: ByteView) -> Bool {
        guard count == other.count else { return false }
        var index = 0
        while index &+ 8 <= count {
            if word(at: index) != other.word(at: index) { return false }
            index &+= 8
        }
        while index < count {
            if unsafe base[index] != other.base[index] { return false }
            index &+= 1
        }
        return true
    }

    /// Whether the bytes are those of the literal.
    @inlinable
    public func equals(_ literal: StaticString) -> Bool {
        equals(ByteView(literal))
    }

    /// Whether the bytes are those of a lower-case literal once ASCII capitals are lowered.
    @inlinable
    public func equalsIgnoringCase(_ lowerCase: StaticString) -> Bool {
        let other = ByteView(lowerCase)
        guard count == other.count else { return false }
        for index in 0..<count where unsafe ASCII.lower(base[index]) != other.base[index] {
            return false
        }
        return true
    }

    /// Whether both views hold the same bytes once ASCII capitals are lowered in both.
    @inlinable
    public func equalsIgnoringCase(_ other: ByteView) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count
        where unsafe ASCII.lower(base[index]) != ASCII.lower(other.base[index]) { return false }
        return true
    }

    @inlinable
    public func hasPrefix(_ literal: StaticString) -> Bool {
        hasPrefix(ByteView(literal))
    }

    @inlinable
    public func hasPrefix(_ other: ByteView) -> Bool {
        count >= other.count && prefix(other.count).equals(other)
    }

    @inlinable
    public func hasSuffix(_ other: ByteView) -> Bool {
        count >= other.count && dropFirst(count - other.count).equals(other)
    }

    /// The place of the first `byte` at or after `start`.
    public func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        let start = max(0, start)
        guard start < count else { return nil }
        let index = unsafe bmh_first_equal(base, start, count, byte)
        return index < count ? index : nil
    }

    /// The place of the first byte, at or after `start`, that cannot stand in a JSON string as it is: control bytes,
    /// quotation marks, backslashes, and all that is not ASCII. The end of the view if there is none.
    public func firstIndexToEscape(from start: Int) -> Int {
        precondition(start >= 0 && start <= count)
        return unsafe bmh_first_to_escape(base, start, count)
    }

    @inlinable
    public func contains(_ byte: UInt8) -> Bool {
        firstIndex(of: byte) != nil
    }

    /// Whether the bytes of the literal stand somewhere in the view.
    public func contains(_ literal: StaticString) -> Bool {
        unsafe bmh_contains(base, count, literal.utf8Start, literal.utf8CodeUnitCount)
    }

    /// The view without spaces and tabs at both ends (OWS, RFC 9110 section 5.6.3).
    @inlinable
    public var trimmed: ByteView {
        var start = 0
        var end = count
        while start < end, unsafe ASCII.isBlank(base[start]) { start &+= 1 }
        while end > start, unsafe ASCII.isBlank(base[end &- 1]) { end &-= 1 }
        return self[start..<end]
    }

    /// The decimal number the bytes spell: digits only, at most 18 of them, no sign.
    @inlinable
    public var decimal: Int? {
        guard count > 0, count <= 18 else { return nil }
        var value = 0
        for index in 0..<count {
            let digit = unsafe base[index] &- 0x30
            guard digit < 10 else { return nil }
            value = value &* 10 &+ Int(digit)
        }
        return value
    }

    /// Whether every byte belongs to the set.
    @inlinable
    func allSatisfy(_ set: ASCIISet) -> Bool {
        for index in 0..<count where unsafe !set.contains(base[index]) { return false }
        return true
    }
}
