/// How large a reply may be.
public struct ReplyLimits: Sendable, Equatable {
    /// Bytes of one reply, protocol included; default 16 MiB.
    public var bytes: Int
    /// Elements of one reply in all its arrays together; default 262,144.
    public var elements: Int
    /// Bytes of a status, an error or a number; default 64 KiB.
    public var lineBytes: Int

    /// Arrays within arrays; what hiredis' reader has room for.
    static let depth = 7

    public init(bytes: Int = 16 << 20, elements: Int = 1 << 18, lineBytes: Int = 64 << 10) {
        self.bytes = bytes
        self.elements = elements
        self.lineBytes = lineBytes
    }
}

/// Finds where a reply ends, and refuses one that passes a limit as soon as it announces so.
///
/// Runs ahead of hiredis' reader, which allocates what an array announces and knows no limits: nothing reaches it but
/// complete replies within them. No byte is looked at twice when more arrive.
struct ReplyScanner {
    private let limits: ReplyLimits
    /// Offset of the next byte to look at, from the first byte of the reply.
    private var position = 0
    /// Where the line that is being read was searched up to.
    private var searched = 0
    /// Bytes of the bulk string that begins at `position`, when its length is known.
    private var bulkLength: Int?
    /// Elements still missing in each open array, the innermost last.
    private var missing: [Int] = []
    /// Elements that all arrays of the reply announce together.
    private var announced = 0

    init(limits: ReplyLimits) {
        self.limits = limits
    }

    /// The length of the reply that begins at the first of `bytes`; nil when more bytes are needed.
    ///
    /// After a length was returned, the next call begins with the next reply.
    mutating func scan(_ bytes: Span<UInt8>) throws(RedisError) -> Int? {
        while true {
            if let length = bulkLength {
                guard bytes.count - position >= length + 2 else { return nil }
                guard bytes[position + length] == 0x0D, bytes[position + length + 1] == 0x0A else {
                    throw .protocolViolation("a bulk string without an end")
                }
                position += length + 2
                searched = position
                bulkLength = nil
            } else {
                guard let end = try lineEnd(bytes) else { return nil }
                let opensMore = try readLine(bytes, end: end)
                position = end + 2
                searched = position
                if opensMore { continue }
            }
            if closesReply() {
                defer { self = ReplyScanner(limits: limits) }
                return position
            }
        }
    }

    /// Where the CR LF of the present line stands.
    private mutating func lineEnd(_ bytes: Span<UInt8>) throws(RedisError) -> Int? {
        var index = searched
        while index + 1 < bytes.count {
            if bytes[index] == 0x0D, bytes[index + 1] == 0x0A { return index }
            index += 1
            guard index - position <= limits.lineBytes else {
                throw .protocolViolation("a line that is too long")
            }
            guard index < limits.bytes else {
                throw .protocolViolation("a reply that is too large")
            }
        }
        searched = index
        return nil
    }

    /// Reads a line; true when the reply goes on inside what it opens, a bulk string or an array.
    private mutating func readLine(_ bytes: Span<UInt8>, end: Int) throws(RedisError) -> Bool {
        guard end > position else { throw .protocolViolation("an empty line") }
        switch bytes[position] {
        case 0x2B, 0x2D: return false
        case 0x3A:
            guard Self.isNumber(bytes, position + 1..<end) else {
                throw .protocolViolation("a number that is none")
            }
            return false
        case 0x24:
            guard let length = try Self.count(bytes, position + 1..<end) else { return false }
            guard length <= limits.bytes - end - 4 else {
                throw .protocolViolation("a reply that is too large")
            }
            bulkLength = length
            return true
        case 0x2A:
            guard let count = try Self.count(bytes, position + 1..<end), count > 0 else {
                return false
            }
            guard count <= limits.elements - announced else {
                throw .protocolViolation("too many elements")
            }
            announced += count
            guard missing.count < ReplyLimits.depth else {
                throw .protocolViolation("arrays nested too deeply")
            }
            missing.append(count)
            return true
        default:
            throw .protocolViolation("an unknown type of reply")
        }
    }

    /// Counts an element as complete, and with it every array that it completes; true when nothing is missing.
    private mutating func closesReply() -> Bool {
        while let left = missing.popLast() {
            if left > 1 {
                missing.append(left - 1)
                return false
            }
        }
        return true
    }

    /// A length: nil for `-1`, the null.
    private static func count(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(RedisError) -> Int? {
        if range.count == 2, bytes[range.lowerBound] == 0x2D, bytes[range.lowerBound + 1] == 0x31 {
            return nil
        }
        guard !range.isEmpty, range.count <= 10 else {
            throw .protocolViolation("a length that is none")
        }
        var value = 0
        for index in range {
            let digit = bytes[index] &- 0x30
            guard digit < 10 else { throw .protocolViolation("a length that is none") }
            value = value * 10 + Int(digit)
        }
        return value
    }

    /// Whether the bytes are a number of 64 bits with its sign; hiredis does not check.
    private static func isNumber(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard let first = range.first else { return false }
        let isNegative = bytes[first] == 0x2D
        let digits = (isNegative || bytes[first] == 0x2B ? first + 1 : first)..<range.upperBound
        guard !digits.isEmpty, digits.count <= 19 else { return false }
        var value: Int64 = 0
        for index in digits {
            let digit = bytes[index] &- 0x30
            guard digit < 10 else { return false }
            let (shifted, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflows) =
                isNegative
                ? shifted.subtractingReportingOverflow(Int64(digit))
                : shifted.addingReportingOverflow(Int64(digit))
            guard !isTooLarge, !overflows else { return false }
            value = sum
        }
        return true
    }
}
