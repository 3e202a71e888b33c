/// Takes the chunked coding off a byte stream (RFC 9112 section 7.1), strictly.
///
/// Sizes are at most fifteen hexadecimal digits; extensions are checked, limited over the whole message and dropped;
/// every line ends with CR LF; trailers are read like a head.
public struct ChunkedDecoder {
    private enum State {
        /// Before the first digit of a size. Can transition to: `size`.
        case sizeStart
        /// Inside a size. Can transition to: `chunkExtension`, `sizeEnd`.
        case size
        /// Inside extensions. Can transition to: `sizeEnd`.
        case chunkExtension
        /// Before the LF of a size line. Can transition to: `data`, `trailers`.
        case sizeEnd
        /// Inside a chunk. Can transition to: `dataEnd`.
        case data
        /// Before the CR behind a chunk. Can transition to: `dataLineFeed`.
        case dataEnd
        /// Before the LF behind a chunk. Can transition to: `sizeStart`.
        case dataLineFeed
        /// Behind the last chunk. Can transition to: `finished`.
        case trailers
        /// The message is over.
        case finished
    }

    /// What trailers may have when nothing else is said: 8 KiB and 32 fields.
    public static let trailerLimits = HeadLimits(headBytes: 8 * 1024, fieldCount: 32)

    /// Bytes of extensions that one message may carry.
    static let extensionBytesLimit = 4096
    private static let digitLimit = 15

    private var state = State.sizeStart
    private var remaining = 0
    private var digitCount = 0
    private var extensions = ChunkExtensions()
    private var extensionBytes = 0
    private let limits: HeadLimits
    private var lines = FieldLineParser()
    /// The trailer fields, once the message is finished; nil when there were none.
    public private(set) var trailers: FieldSection?

    public init(trailerLimits: HeadLimits = ChunkedDecoder.trailerLimits) {
        limits = trailerLimits
    }

    /// Whether the end of the message has been seen.
    public var isFinished: Bool { state == .finished }

    /// Reads framing up to and including the next run of content, or to the end of the message.
    ///
    /// While trailers are incomplete nothing of them is consumed; the input must be able to hold as many as allowed.
    public mutating func decode(_ input: ByteView) throws(BodyError) -> BodyStep {
        var index = 0
        while index < input.count {
            switch state {
            case .data:
                let taken = min(remaining, input.count - index)
                remaining -= taken
                if remaining == 0 { state = .dataEnd }
                return BodyStep(
                    consumed: index + taken,
                    data: index..<index + taken,
                    isFinished: false
                )
            case .trailers:
                let length = try readTrailers(input.dropFirst(index))
                return BodyStep(
                    consumed: index + length,
                    data: 0..<0,
                    isFinished: state == .finished
                )
            case .finished:
                return BodyStep(consumed: index, data: 0..<0, isFinished: true)
            default:
                try readFraming(input[index])
                index += 1
            }
        }
        return BodyStep(consumed: index, data: 0..<0, isFinished: state == .finished)
    }

    private mutating func readFraming(_ byte: UInt8) throws(BodyError) {
        switch state {
        case .sizeStart, .size: try readSize(byte)
        case .chunkExtension: try readExtension(byte)
        case .sizeEnd:
            guard byte == ASCII.lineFeed else { throw .badChunkSize }
            state = remaining == 0 ? .trailers : .data
        case .dataEnd:
            guard byte == ASCII.carriageReturn else { throw .badChunkEnd }
            state = .dataLineFeed
        case .dataLineFeed:
            guard byte == ASCII.lineFeed else { throw .badChunkEnd }
            state = .sizeStart
        case .data, .trailers, .finished: break
        }
    }

    private mutating func readSize(_ byte: UInt8) throws(BodyError) {
        if state == .sizeStart {
            remaining = 0
            digitCount = 0
        }
        if let digit = ASCII.hexValue(byte) {
            guard digitCount < Self.digitLimit else { throw .chunkTooLarge }
            digitCount += 1
            remaining = remaining << 4 | Int(digit)
            state = .size
        } else if state == .size, byte == ASCII.carriageReturn {
            state = .sizeEnd
        } else if state == .size, byte == 0x3B || ASCII.isBlank(byte) {
            state = .chunkExtension
            extensions = ChunkExtensions()
            try readExtension(byte)
        } else {
            throw .badChunkSize
        }
    }

    private mutating func readExtension(_ byte: UInt8) throws(BodyError) {
        if byte == ASCII.carriageReturn {
            guard extensions.mayEnd else { throw .badChunkExtension }
            state = .sizeEnd
        } else {
            guard extensions.accept(byte) else { throw .badChunkExtension }
            try countExtension()
        }
    }

    private mutating func countExtension() throws(BodyError) {
        extensionBytes += 1
        guard extensionBytes <= Self.extensionBytesLimit else { throw .chunkExtensionTooLong }
    }

    /// Reads the trailer section at the front of the input; returns its length when complete, else 0.
    private mutating func readTrailers(_ input: ByteView) throws(BodyError) -> Int {
        if trailers == nil {
            if input.hasPrefix("\r\n") {
                state = .finished
                return 2
            }
            if input.count == 1, input[0] == ASCII.carriageReturn { return 0 }
            trailers = FieldSection()
        }
        guard let section = trailers else { return 0 }
        var table = section.table
        defer { section.table = table }
        let length: Int?
        do throws(HeadError) {
            length = try lines.parse(input, limits: limits, into: &table)
            if length != nil, table.holdsFramingOrRouting { throw .conflictingFraming }
        } catch {
            throw .badTrailers(error)
        }
        guard let length else { return 0 }
        table.adopt(input[0..<length])
        state = .finished
        return length
    }
}

extension FieldTable {
    /// Whether fields are present that decide framing or routing; these may not come after the content.
    fileprivate var holdsFramingOrRouting: Bool {
        seen.contains(.contentLength) || seen.contains(.transferEncoding) || seen.contains(.host)
    }
}
