import HTTP
import Transport

/// A response on its way through: its head stands in the server's connection, its content is still to be read.
///
/// `finish` gives the connection back, once, whatever becomes of the response; the next request's head may stand in it
/// from then on, so that neither head nor content can be asked for any more. Whoever wants them later keeps a copy.
final class UpstreamResponse {
    private let message: any UpstreamMessage
    private let requestWasSent: Bool
    /// Sends what was left of the request when the response began.
    private let upload: Upload?
    /// Stores what passes, if the response may be cached.
    var cacheWriter: CacheWriter?
    /// What the cache did, for the `Cache-Status` field.
    var cacheStatus: CacheStatus?
    /// Content that was read already, because somebody looks at it before the head is sent.
    private var held: OutputBuffer?
    /// Bytes of the held piece lent last.
    private var lentBytes = 0
    private var isFinished = false

    init(
        _ message: any UpstreamMessage,
        of upstream: Upstream,
        requestWasSent: Bool,
        besides upload: Upload? = nil,
        eventIdleNanoseconds: UInt64
    ) {
        self.message = message
        self.requestWasSent = requestWasSent
        self.upload = upload
        // A stream of events is silent for as long as there are none, and a server that still listens may have nothing
        // to say.
        let isSilent = isEventStream || upload != nil
        message.body.begin(
            message.contentFraming,
            limitBytes: .max,
            stallNanoseconds: isSilent ? eventIdleNanoseconds : upstream.bodyNanoseconds
        )
    }

    /// Whether the content is a stream of events (Server-Sent Events) rather than a document.
    private var isEventStream: Bool {
        head.first(of: .contentType)?.prefix(17).equalsIgnoringCase("text/event-stream") == true
    }

    deinit { finish() }

    var head: ResponseHead {
        precondition(!isFinished, "the head is the connection's, which was given back")
        return message.head
    }

    var body: MessageBody {
        precondition(!isFinished, "the content is the connection's, which was given back")
        return message.body
    }

    /// Whether content follows the head.
    var hasContent: Bool { head.framing != .none && head.framing != .length(0) }

    /// The content's length where the head tells it; for an answer to HEAD, what GET would have brought.
    var contentLength: Int? {
        if case .length(let length) = head.framing { return length }
        return head.fields.only(.contentLength)?.decimal
    }

    /// Whether no content is left beyond the piece lent last.
    var isContentFinished: Bool { (held?.count ?? 0) <= lentBytes && body.isFinished }

    /// The next piece of content that has come already, valid until the next call; nil if the next one is still to come
    /// from `body`, or at the end.
    func nextReceived() throws(Failure) -> ByteView? {
        if let held {
            held.consume(lentBytes)
            lentBytes = min(held.count, BufferPool.blockBytes)
            if lentBytes > 0 { return held.readable.prefix(lentBytes) }
            self.held = nil
        }
        return try body.nextReceived()
    }

    /// Reads content ahead for as long as `wantsMore` takes it; what was read goes out first, later.
    func hold(_ wantsMore: (ByteView) -> Bool) async throws(Failure) {
        let held = OutputBuffer(limitBytes: .max)
        self.held = held
        while let piece = try await body.next() {
            held.append(piece)
            if !wantsMore(piece) { return }
        }
    }

    /// Waits until a small response is complete in the buffer, so that a server that dies meanwhile costs nobody a
    /// response that had begun.
    func gather() async throws(Failure) {
        while !isGathered {
            guard try await body.receiveMore() else { return }
        }
    }

    /// Whether nothing is to be waited for before the response begins.
    var isGathered: Bool {
        guard case .length(let length) = head.framing, length <= BufferPool.blockBytes / 2 else {
            return true
        }
        return body.aheadCount >= length
    }

    /// Appends the fields that the client may see.
    ///
    /// - Parameter isPersonal: whether fields of this visitor alone are added, so that what the server says about
    ///   caches no longer holds.
    func appendFields(to output: OutputBuffer, isPersonal: Bool) {
        let fields = head.fields
        for index in 0..<fields.count where fields.isForClient(index) {
            switch fields.known(index) {
            case .date: continue
            case .cacheControl, .expires, .surrogateControl:
                if !isPersonal { output.appendField(index, of: fields) }
            default: output.appendField(index, of: fields)
            }
        }
        if isPersonal { output.append("cache-control: private, no-store\r\n") }
        if let cacheStatus {
            output.append("cache-status: ")
            cacheStatus.append(to: output)
            output.appendCRLF()
        }
    }

    /// The content is complete.
    func commit() {
        _ = cacheWriter?.finish()
        cacheWriter = nil
    }

    /// Leaves the connection to whoever made this response, which failed before it had begun.
    func abandon() { isFinished = true }

    /// Gives the connection back, to be kept if request and response are both complete.
    func finish() {
        guard !isFinished else { return }
        isFinished = true
        let body = message.body
        body.releaseLent()
        let wasSent = requestWasSent || upload?.isWhole == true
        message.release(isComplete: body.isFinished && !body.isBroken && wasSent)
    }
}

extension FieldSection {
    /// Whether a field of a server's answer goes on to the client, whatever kind of answer it is: not what concerns the
    /// connection, nor what the server tells the gateway, nor what is the gateway's alone to tell.
    func isForClient(_ index: Int) -> Bool {
        switch known(index) {
        case .contentLength, .waitingRoom, .waitingRoomCommand, .waitingRoomInventory, .xWafRules:
            false
        default: !isHopByHop(index)
        }
    }
}
