import HTTP
import Transport

/// The content of one message, read piece by piece from the connection or stream it comes on.
///
/// One object serves all messages of a connection. It reads only when asked, which is the backpressure: a sender that
/// is not read from is stopped by its own socket, or by its stream's window.
final class MessageBody {
    let source: any ContentSource
    private let party: Failure.Party
    private var decoder = BodyDecoder.none
    /// Whether the framing is in doubt, so that the connection cannot be used again.
    private(set) var isBroken = false
    private var limitBytes = Int.max
    private var stallNanoseconds: UInt64 = 0
    private var pace = ContentPace.unlimited
    private var waitedNanoseconds: UInt64 = 0
    /// Bytes of the piece lent last, consumed with the next call.
    private(set) var lentBytes = 0
    /// The stream whose bytes end a wait for more content: that of the server which is to get it.
    private var watched: ByteStream?
    /// Whether the sender waits for `100 Continue`.
    private(set) var awaitsContinue = false
    /// Bytes of content read so far.
    private(set) var receivedBytes = 0

    init(source: any ContentSource, party: Failure.Party) {
        self.source = source
        self.party = party
    }

    /// Begins the content that follows a head.
    ///
    /// - Parameters:
    ///   - limitBytes: the most content that is read before `next` throws.
    ///   - stallNanoseconds: the longest pause between two pieces.
    ///   - pace: how slow the sender may be over the whole content.
    func begin(
        _ framing: Framing,
        limitBytes: Int,
        stallNanoseconds: UInt64,
        pace: ContentPace = .unlimited,
        awaitsContinue: Bool = false
    ) {
        decoder = BodyDecoder(framing, trailerLimits: ChunkedDecoder.trailerLimits)
        isBroken = false
        self.limitBytes = limitBytes
        self.stallNanoseconds = stallNanoseconds
        self.pace = pace
        waitedNanoseconds = 0
        self.awaitsContinue = awaitsContinue && !isFinished
        lentBytes = 0
        receivedBytes = 0
    }

    /// Whether everything was read.
    var isFinished: Bool {
        decoder.isFinished || source.isComplete && source.receivedCount == lentBytes
    }

    /// The fields behind the content, once it is finished.
    var trailers: FieldSection? { decoder.trailers ?? source.trailers }

    /// Bytes received behind the piece lent last; framing counts with them.
    var aheadCount: Int { source.receivedCount - lentBytes }

    /// Whether a part was read, so that the message cannot be sent again from here.
    var hasBegun: Bool { receivedBytes > 0 || isBroken }

    /// Lets `next` return without content when `stream` has something to read; nil ends that.
    func watch(_ stream: ByteStream?) { watched = stream }

    /// Whether `next` waits for nothing and returns nil where it would have to, now and until this is false again.
    var isInterrupted: Bool {
        get { source.isInterrupted }
        set { source.isInterrupted = newValue }
    }

    /// The next piece, valid until the next call; nil at the end of the content, or before it if the watched stream
    /// has something to read, or the content is interrupted.
    func next() async throws(Failure) -> ByteView? {
        releaseLent()
        while true {
            if let piece = try takePiece() { return piece }
            if isFinished || isInterrupted || watched?.hasReceived == true { return nil }
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

    /// Takes the piece lent last back; `next` does so by itself.
    func releaseLent() {
        if lentBytes > 0 { source.consume(lentBytes) }
        lentBytes = 0
    }

    private func takePiece() throws(Failure) -> ByteView? {
        guard !isBroken else { throw failure(.badContent, "the framing is in doubt") }
        while source.receivedCount > 0, !isFinished {
            let step: BodyStep
            do throws(BodyError) {
                step = try decoder.decode(source.readable)
            } catch {
                isBroken = true
                throw failure(error.status == 413 ? .contentTooLarge : .badContent, "\(error)")
            }
            guard step.data.isEmpty else { return try lend(step) }
            guard step.consumed > 0 else { return nil }
            source.consume(step.consumed)
        }
        return nil
    }

    private func lend(_ step: BodyStep) throws(Failure) -> ByteView {
        receivedBytes += step.data.count
        guard receivedBytes <= limitBytes else {
            isBroken = true
            throw failure(.contentTooLarge, nil)
        }
        lentBytes = step.consumed
        return source.readable[step.data]
    }

    private func receive() async throws(Failure) {
        if awaitsContinue { try await sendContinue() }
        guard source.makeRoom() else {
            throw failure(.badContent, "framing longer than a buffer")
        }
        let begunAt = source.reactor.now
        let patience = pace.patienceNanoseconds(waited: waitedNanoseconds, received: receivedBytes)
        let count: Int?
        do throws(StreamError) {
            count = try await source.receive(
                unless: watched,
                until: begunAt.advanced(byNanoseconds: min(stallNanoseconds, patience))
            )
        } catch {
            isBroken = true
            throw receivingFailure(error, isTooSlow: patience < stallNanoseconds)
        }
        waitedNanoseconds &+= source.reactor.now.nanoseconds(since: begunAt)
        guard count == 0 else { return }
        if case .untilClose = decoder {
            decoder = .none
        } else {
            isBroken = true
            throw party == .client
                ? .client(.clientGone) : .upstream(.upstreamClosed, detail: "content cut short")
        }
    }

    private func receivingFailure(_ error: StreamError, isTooSlow: Bool) -> Failure {
        guard party == .client else {
            let kind: Failure.Kind = error.isTimeout ? .upstreamContentTimeout : .upstreamClosed
            return .upstream(kind, detail: error.text)
        }
        // Content that trickles would hold a connection to a server as well.
        guard error.isTimeout, isTooSlow else { return .onClient(error, timedOut: .contentTimeout) }
        return .client(.contentTimeout, detail: "\(receivedBytes) bytes came too slowly")
    }

    private func sendContinue() async throws(Failure) {
        awaitsContinue = false
        let deadline = source.reactor.now.advanced(byNanoseconds: stallNanoseconds)
        do throws(StreamError) {
            try await source.sendContinue(until: deadline)
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
    func write(_ bytes: ByteView, more: Bool = false, until deadline: Instant)
        async throws(StreamError)
    {
        var sent = 0
        while true {
            sent += try writeNow(bytes.dropFirst(sent), more: more)
            if sent == bytes.count { return }
            try await waitWritable(until: deadline)
        }
    }

    /// Writes what the kernel takes without waiting, and returns how much that was.
    func writeNow(_ bytes: ByteView, more: Bool = false) throws(StreamError) -> Int {
        try unsafe bytes.withUnsafeBytes { (raw) throws(StreamError) in
            try unsafe writeNow(raw, more: more)
        }
    }
}
