/// What one step of a body decoder found in the bytes it was given.
public struct BodyStep: Equatable, Sendable {
    /// Bytes to take from the front of the input. Those left over must be given again, with more behind them.
    public let consumed: Int
    /// Where content stands in the input, inside the consumed bytes; empty when this step met none.
    public let data: Range<Int>
    /// Whether the message ends here.
    public let isFinished: Bool

    @inlinable
    public init(consumed: Int, data: Range<Int>, isFinished: Bool) {
        self.consumed = consumed
        self.data = data
        self.isFinished = isFinished
    }
}

/// Why content was refused.
public enum BodyError: Error, Equatable, Sendable {
    case badChunkSize, chunkTooLarge, badChunkExtension, chunkExtensionTooLong, badChunkEnd
    case badTrailers(HeadError)

    /// The status a client is answered with.
    public var status: Int {
        switch self {
        case .chunkTooLarge: 413
        case .badTrailers(let error): error.status
        default: 400
        }
    }
}

/// Finds the content of one message in a byte stream, whatever its framing.
///
/// Each call makes one step; call again with what was not consumed until it is finished or more bytes are needed. A
/// stream that ends before `isFinished` was cut off, but for `.untilClose`, whose end is the end of the stream.
public enum BodyDecoder {
    case none
    case length(LengthDecoder)
    case chunked(ChunkedDecoder)
    case untilClose

    public init(_ framing: Framing, trailerLimits: HeadLimits = ChunkedDecoder.trailerLimits) {
        switch framing {
        case .none: self = .none
        case .length(let length): self = .length(LengthDecoder(length: length))
        case .chunked: self = .chunked(ChunkedDecoder(trailerLimits: trailerLimits))
        case .untilClose: self = .untilClose
        }
    }

    /// Whether the end of the message has been seen.
    public var isFinished: Bool {
        switch self {
        case .none: true
        case .length(let decoder): decoder.remaining == 0
        case .chunked(let decoder): decoder.isFinished
        case .untilClose: false
        }
    }

    /// The trailer fields, once the message is finished; nil when there were none.
    public var trailers: FieldSection? {
        if case .chunked(let decoder) = self { return decoder.trailers }
        return nil
    }

    /// Makes one step over the input.
    public mutating func decode(_ input: ByteView) throws(BodyError) -> BodyStep {
        switch self {
        case .none:
            return BodyStep(consumed: 0, data: 0..<0, isFinished: true)
        case .untilClose:
            return BodyStep(consumed: input.count, data: 0..<input.count, isFinished: false)
        case .length(var decoder):
            let step = decoder.decode(input)
            self = .length(decoder)
            return step
        case .chunked(var decoder):
            let step = try decoder.decode(input)
            self = .chunked(decoder)
            return step
        }
    }
}

/// Counts off content whose length was declared.
public struct LengthDecoder: Sendable {
    /// Bytes still to come.
    public private(set) var remaining: Int

    public init(length: Int) {
        remaining = max(0, length)
    }

    public mutating func decode(_ input: ByteView) -> BodyStep {
        let taken = min(remaining, input.count)
        remaining -= taken
        return BodyStep(consumed: taken, data: 0..<taken, isFinished: remaining == 0)
    }
}
