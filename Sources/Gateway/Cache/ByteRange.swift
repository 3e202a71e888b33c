import HTTP

/// What a Range field asks of a representation of known length (RFC 9110 section 14.2).
enum ByteRange: Equatable {
    /// No range, one we do not understand, or several: the whole representation is the right answer.
    case whole
    case part(Range<Int>)
    /// Well-formed, but nothing of it exists: 416.
    case unsatisfiable

    /// Reads one `bytes=first-last`, `bytes=first-` or `bytes=-suffix`.
    init(_ value: ByteView, length: Int) {
        self = Self.read(value, length: length) ?? .whole
    }

    private static func read(_ value: ByteView, length: Int) -> ByteRange? {
        let unit = 6
        guard value.count > unit, value[0..<unit].equalsIgnoringCase("bytes=") else { return nil }
        let spec = value[unit..<value.count].trimmed
        guard let dash = spec.firstIndex(of: 0x2D) else { return nil }
        let first = spec[0..<dash]
        let last = spec[(dash + 1)..<spec.count]
        if first.isEmpty {
            return position(last).map { suffix($0, length: length) }
        }
        guard let start = position(first) else { return nil }
        if last.isEmpty {
            return start < length ? .part(start..<length) : .unsatisfiable
        }
        guard let end = position(last), end >= start else { return nil }
        return start < length ? .part(start..<min(end, length - 1) + 1) : .unsatisfiable
    }

    private static func suffix(_ count: Int, length: Int) -> ByteRange {
        guard count > 0 else { return .unsatisfiable }
        return length == 0 ? .whole : .part(max(0, length - count)..<length)
    }

    /// A byte position; one too large to count is past every end, which is all that matters of it.
    private static func position(_ digits: ByteView) -> Int? {
        guard !digits.isEmpty else { return nil }
        var value = 0
        for index in 0..<digits.count {
            let digit = digits[index]
            guard digit >= 0x30, digit <= 0x39 else { return nil }
            value = min(value * 10 + Int(digit &- 0x30), 1 << 56)
        }
        return value
    }
}
