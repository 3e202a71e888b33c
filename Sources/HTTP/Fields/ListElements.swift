/// The elements of a comma-separated field value (`#rule`, RFC 9110 section 5.6.1), trimmed, empty ones left out.
///
/// Commas inside quoted strings do not separate; a backslash inside one escapes the next byte.
public struct ListElements: Sequence, IteratorProtocol {
    private let value: ByteView
    private let separator: UInt8
    private var position = 0

    /// - Parameter separator: `,` between the elements of a list, `;` between the parameters of one element.
    public init(_ value: ByteView, separator: UInt8 = 0x2C) {
        self.value = value
        self.separator = separator
    }

    public mutating func next() -> ByteView? {
        while position < value.count {
            let start = position
            let end = elementEnd()
            position = end + 1
            let element = value[start..<end].trimmed
            if !element.isEmpty { return element }
        }
        return nil
    }

    private func elementEnd() -> Int {
        var index = position
        var isQuoted = false
        while index < value.count {
            let byte = value[index]
            if isQuoted, byte == 0x5C {
                index += 1
            } else if byte == 0x22 {
                isQuoted.toggle()
            } else if byte == separator, !isQuoted {
                return index
            }
            index += 1
        }
        return value.count
    }
}
