/// The nine bytes before each frame (RFC 9113 section 4.1).
struct FrameHeader: Equatable {
    /// The types that are looked at before the session sees them.
    enum Kind: UInt8 {
        case data = 0
        case headers, priority, reset, settings, pushPromise, ping, goAway, windowUpdate
        case continuation
        case other = 0xFF
    }

    static let byteCount = 9
    static let endStream: UInt8 = 0x1
    static let endHeaders: UInt8 = 0x4
    static let padded: UInt8 = 0x8
    static let hasPriority: UInt8 = 0x20

    let length: Int
    let kind: Kind
    let flags: UInt8
    /// Without the reserved bit.
    let stream: Int32

    /// - Parameter bytes: nine of them.
    init(_ bytes: ByteView) {
        length = Int(bytes[0]) << 16 | Int(bytes[1]) << 8 | Int(bytes[2])
        kind = Kind(rawValue: bytes[3]) ?? .other
        flags = bytes[4]
        stream = Self.streamID(bytes[5..<9])
    }

    func has(_ flag: UInt8) -> Bool { flags & flag != 0 }

    /// Four bytes as a stream's identifier.
    static func streamID(_ bytes: ByteView) -> Int32 {
        Int32(bytes[0] & 0x7F) << 24 | Int32(bytes[1]) << 16 | Int32(bytes[2]) << 8
            | Int32(bytes[3])
    }

    /// Bytes at the start of the payload that have to be seen before it is judged: padding length and dependency.
    var probeCount: Int {
        switch kind {
        case .priority: 4
        case .headers: has(Self.hasPriority) ? (has(Self.padded) ? 5 : 4) : 0
        default: 0
        }
    }
}
