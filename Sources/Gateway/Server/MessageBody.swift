import HTTP
import Transport

/// The content of one message, read piece by piece from the connection it comes on.
///
/// One object serves all messages of a connection. It reads only when asked, which is the backpressure: a sender that
/// is not read from is stopped by its own socket.
final class MessageBody {
    /// What is known about the bytes to come. Can transition to: the same, `finished`, `broken`.
    private enum State {
        case length(Int)
        case chunked(ChunkedDecoder)
        case untilClose
        case finished
        /// The framing is in doubt; the connection cannot be used again.
        case broken
    }

    private let stream: ByteStream
    private let input: InputBuffer
    private let party: Failure.Party
    private var state = State.finished
    private var limitBytes = Int.max
    private var stallNanoseconds: UInt64 = 0
    /// Bytes of the piece lent last, consumed with the next call.
    private var lentBytes = 0
    /// Whether the sender waits for `100 Continue`.
    private(set) var awaitsContinue = false
    /// Bytes of content read so far.
    private(set) var receivedBytes = 0

    init(stream: ByteStream, input: InputBuffer, party: Failure.Party) {
        self.stream = stream
        self.input = input
        self.party = party
    }

    /// Begins the content that follows a head.
    ///
    /// - Parameters:
    ///   - limitBytes: the most content that is read before `next` throws.
    ///   - stallNanoseconds: the longest pause between two pieces.
    func begin(_ framing: Framing, limitBytes: Int, stallNanoseconds: UInt64, awaitsContinue: Bool = false) {
        state =
            switch framing {
            case .none, .length(0): .finished
            case .length(let count): .length(count)
            case .chunked: .chunked(ChunkedDecoder())
            case .untilClose: .untilClose
            }
        self.limitBytes = limitBytes
        self.stallNanoseconds = stallNanoseconds
        self.awaitsContinue = awaitsContinue && !isFinished
        lentBytes = 0
        receivedBytes = 0
    }

    /// Whether everything was read.
    var isFinished: Bool { if case .finished = state { true } else { false } }

    /// Whether a part was read, so that the message cannot be sent again from here.
    var hasBegun: Bool { receivedBytes > 0 || lentBytes > 0 }

    /// Bytes that are still to come, if that is known.
    var remainingBytes: Int? {
        switch state {
        case .length(let count): count
        case .finished: 0
        default: nil
        }
    }

    /// The next piece, valid until the next call; nil at the end of the content.
    func next() async throws(Failure) -> ByteView? {
        releaseLent()
        while true {
            if let piece = try takePiece() { return piece }
            if isFinished { return nil }
            try await receive()
        }
    }

    /// The next piece if it has already been received; nil otherwise, or at the end.
    func nextReceived() throws(Failure) -> ByteView? {
        releaseLent()
        return try takePiece()
    }

    /// Reads what is in the socket now, so that a later `nextReceived` may find more. False if nothing came.
    func receiveMore() async throws(Failure) -> Bool {
        guard !isFinished else { return false }
        try await receive()
        return true
    }

    /// Content that has been received and not been taken yet, if the length of the whole is known.
    var receivedPart: Int { input.count }

    private func releaseLent() {
        if lentBytes > 0 { input.consume(lentBytes) }
        lentBytes = 0
    }

    private func takePiece() throws(Failure) -> ByteView? {
        guard input.count > 0 else { return nil }
        switch state {
        case .finished: return nil
        case .broken: throw failure(.badContent, "the framing was in doubt")
        case .untilClose: return try lend(input.readable)
        case .length(let remaining):
            let piece = input.readable.prefix(remaining)
            state = piece.count == remaining ? .finished : .length(remaining - piece.count)
            return try lend(piece)
        case .chunked(var decoder):
            return try takeChunk(&decoder)
        }
    }

    private func takeChunk(_ decoder: inout ChunkedDecoder) throws(Failure) -> ByteView? {
        while input.count > 0 {
            let view = input.readable
            let step: ChunkedDecoder.Step
            do throws(ContentError) {
                step = try decoder.decode(view)
            } catch {
                state = .broken
                throw failure(.badContent, "\(error)")
            }
            state = step.isFinished ? .finished : .chunked(decoder)
            if !step.data.isEmpty {
                if step.data.lowerBound > 0 { input.consume(step.data.lowerBound) }
                let piece = try lend(input.readable.prefix(step.data.count))
                lentBytes = step.consumed - step.data.lowerBound
                return piece
            }
            input.consume(step.consumed)
            if step.isFinished || step.consumed == 0 { return nil }
        }
        return nil
    }

    private func lend(_ piece: ByteView) throws(Failure) -> ByteView {
        receivedBytes += piece.count
        guard receivedBytes <= limitBytes else {
            state = .broken
            throw failure(.contentTooLarge, nil)
        }
        lentBytes = piece.count
        return piece
    }

    private func receive() async throws(Failure) {
        if awaitsContinue { try await sendContinue() }
        guard input.makeRoom(limit: 0) else { throw failure(.badContent, "a chunk's head is longer than a buffer") }
        let count: Int
        do throws(StreamError) {
            count = try await input.fill(from: stream, until: stream.reactor.now.advanced(byNanoseconds: stallNanoseconds))
        } catch {
            state = .broken
            throw party == .client
                ? .onClient(error, timedOut: .contentTimeout)
                : .upstream(error.isTimeout ? .upstreamContentTimeout : .upstreamClosed, detail: error.text)
        }
        guard count == 0 else { return }
        if case .untilClose = state {
            state = .finished
        } else {
            state = .broken
            throw party == .client ? .client(.clientGone) : .upstream(.upstreamClosed, detail: "content cut short")
        }
    }

    private func sendContinue() async throws(Failure) {
        awaitsContinue = false
        let line = ByteView("HTTP/1.1 100 Continue\r\n\r\n")
        let deadline = stream.reactor.now.advanced(byNanoseconds: stallNanoseconds)
        do throws(StreamError) {
            try await stream.write(line, until: deadline)
        } catch {
            throw .onClient(error, timedOut: .contentTimeout)
        }
    }

    private func failure(_ kind: Failure.Kind, _ detail: String?) -> Failure {
        guard party == .upstream else { return .client(kind, detail: detail) }
        return .upstream(.upstreamProtocol, detail: detail)
    }
}

extension StreamError {
    /// Whether the deadline passed.
    var isTimeout: Bool { if case .timedOut = self { true } else { false } }
}

extension ByteStream {
    /// Writes all of `bytes`, which stay in place until the call returns.
    func write(_ bytes: ByteView, more: Bool = false, until deadline: Instant) async throws(StreamError) {
        var sent = 0
        while true {
            sent += try writeNow(bytes.dropFirst(sent), more: more)
            if sent == bytes.count { return }
            try await waitWritable(until: deadline)
        }
    }

    /// Writes what the kernel takes without waiting, and returns how much that was.
    func writeNow(_ bytes: ByteView, more: Bool = false) throws(StreamError) -> Int {
        try unsafe bytes.withUnsafeBytes { (raw) throws(StreamError) in try unsafe writeNow(raw, more: more) }
    }
}
