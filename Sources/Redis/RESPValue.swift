/// A reply of Redis in the second version of its protocol.
public enum RESPValue: Sendable, Hashable {
    /// A status such as `OK`.
    case simple(String)
    /// An error inside an array, such as one of `EXEC`; an error that is the whole reply is thrown instead.
    case error(String)
    case integer(Int64)
    /// A string of any bytes.
    case bulk([UInt8])
    /// The bulk string or the array that does not exist.
    case null
    case array([RESPValue])

    /// The bytes of a bulk string or a status.
    public var bytes: [UInt8]? {
        switch self {
        case .bulk(let bytes): bytes
        case .simple(let text): Array(text.utf8)
        default: nil
        }
    }

    /// The text of a bulk string or a status; what is not UTF-8 becomes U+FFFD.
    public var text: String? {
        switch self {
        case .bulk(let bytes): String(decoding: bytes, as: UTF8.self)
        case .simple(let text): text
        default: nil
        }
    }

    /// The number, also one that comes as the text of a bulk string, as numbers of hashes and scripts often do.
    public var integer: Int64? {
        switch self {
        case .integer(let value): value
        case .bulk(let bytes):
            bytes.count <= 20 ? Int64(String(decoding: bytes, as: UTF8.self)) : nil
        default: nil
        }
    }

    /// The elements of an array.
    public var array: [RESPValue]? {
        if case .array(let elements) = self { return elements }
        return nil
    }
}
