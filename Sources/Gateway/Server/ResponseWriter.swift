import HTTP
import Transport

/// Writes one response to the client: head, then content, with the framing that the client's version allows.
///
/// A small response leaves in one write; a large one streams, and waits for the client piece by piece.
struct ResponseWriter {
    /// How the content's end is told to the client.
    private enum Ending {
        case length
        case chunked
        case close
    }

    let sink: any ResponseSink
    let exchange: Exchange
    let output: OutputBuffer
    let worker: Worker
    /// The longest time a client may take for one piece.
    let stallNanoseconds: UInt64
    /// How much of what is in `output` belongs to the head.
    private var headBytes = 0
    /// Whether the sink has been given the end of the response.
    private var hasEnded = false

    /// Up to this much is copied behind the head so that both leave in one write: a full TLS record.
    private static let gatheredBytes = 16384
    /// Content up to this much is read from its server whatever the client takes, so that who reads slowly,
    /// or not at all, holds none of the connections that all clients share.
    private static let keptBytes = 64 << 10
    /// A client has the whole write time for each so much of what is in memory already.
    private static let sentBytes = 256 << 10

    init(
        to sink: any ResponseSink,
        of exchange: Exchange,
        through output: OutputBuffer,
        on worker: Worker,
        stallNanoseconds: UInt64
    ) {
        self.sink = sink
        self.exchange = exchange
        self.output = output
        self.worker = worker
        self.stallNanoseconds = stallNanoseconds
    }

    /// Writes `response` and returns whether the connection may serve another request.
    mutating func write(_ response: Response, keepAlive: Bool) async throws(Failure)
        -> Bool
    {
        let keepsAlive = keepAlive && !response.closesConnection
        output.removeAll(keepingCapacity: true)
        if case .cached(let hit) = response.source {
            return try await finish(hit: hit, response, keepsAlive)
        }
        if case .tunnel(let tunnel) = response.source {
            return try await finish(tunnel: tunnel, response)
        }
        output.appendStatusLine(response.status)
        switch response.source {
        case .drop, .cached, .tunnel: return false
        case .content(let content):
            output.append(content.fieldLines)
            return try await finish(content: content, response, keepsAlive)
        case .file(let file):
            file.appendFields(to: output)
            return try await finish(file: file, response, keepsAlive)
        case .upstream(let upstream):
            return try await finish(upstream: upstream, response, keepsAlive)
        }
    }

    // MARK: Sources

    @inline(__always)
    private mutating func finish(
        content: Content,
        _ response: Response,
        _ keepsAlive: Bool
    ) async throws(Failure) -> Bool {
        let bytes = content.body
        endHead(response, ending: .length, length: bytes.count, keepsAlive)
        // Content behind a head that announces none would be read as the next response.
        if exchange.head.method != .head, response.status != 204, response.status != 304 {
            output.append(bytes)
            exchange.trace.sentBytes = bytes.count
        }
        try await flush(isLast: true)
        return keepsAlive
    }

    /// The stored head has its own date and length.
    @inline(__always)
    private mutating func finish(
        hit: CacheHit,
        _ response: Response,
        _ keepsAlive: Bool
    ) async throws(Failure) -> Bool {
        hit.appendHead(to: output)
        append(fields: response.fields)
        appendAddedFields()
        appendConnection(keepsAlive)
        let gathered = hit.body.prefix(max(0, Self.gatheredBytes - output.count))
        output.append(gathered)
        try await flush(isLast: gathered.count == hit.body.count)
        // The entry keeps its bytes in place for as long as it is referred to, whatever the cache evicts meanwhile.
        var rest = hit.body.dropFirst(gathered.count)
        while !rest.isEmpty {
            let piece = rest.prefix(Self.sentBytes)
            rest = rest.dropFirst(piece.count)
            try await send(piece, isLast: rest.isEmpty)
        }
        exchange.trace.sentBytes = hit.body.count
        return keepsAlive
    }

    private mutating func finish(
        file: FileContent,
        _ response: Response,
        _ keepsAlive: Bool
    ) async throws(Failure) -> Bool {
        endHead(response, ending: .length, length: file.length, keepsAlive)
        guard exchange.head.method != .head, file.length > 0 else {
            try await flush(isLast: true)
            return keepsAlive
        }
        var sent = 0
        while sent < file.length {
            guard let count = file.append(to: output, from: sent, limit: Self.gatheredBytes),
                count > 0
            else {
                throw .gateway(.resources, detail: "the file became shorter while it was sent")
            }
            sent += count
            try await flush(isLast: sent == file.length)
        }
        exchange.trace.sentBytes = sent
        return keepsAlive
    }

    @inline(__always)
    private mutating func finish(
        upstream: UpstreamResponse,
        _ response: Response,
        _ keepsAlive: Bool
    ) async throws(Failure) -> Bool {
        defer { upstream.finish() }
        upstream.appendFields(to: output, isPersonal: exchange.isPersonal)
        let (ending, length) = Self.ending(of: upstream, for: exchange.head)
        let keepsAlive = keepsAlive && ending != .close
        endHead(response, ending: ending, length: length, keepsAlive)
        if upstream.hasContent {
            try await stream(upstream, ending, declared: length)
            guard isWhole(length) else {
                throw .upstream(.upstreamClosed, detail: "content shorter than declared")
            }
        }
        upstream.commit()
        let trailers = upstream.body.trailers
        if ending == .chunked { output.appendLastChunk(trailers: trailers) }
        // What is left stands in `output`: a client that takes its time keeps no server waiting.
        if trailers == nil { upstream.finish() }
        try await flush(isLast: true, trailers: trailers)
        return keepsAlive
    }

    /// The connection, or the stream, is the two sides' own from here on.
    private mutating func finish(tunnel: Tunnel, _ response: Response) async throws(Failure) -> Bool {
        tunnel.appendHead(for: exchange, to: output)
        append(fields: response.fields)
        appendAddedFields()
        output.appendCRLF()
        headBytes = output.count
        try await flush()
        exchange.isTunnel = true
        defer { exchange.isTunnel = false }
        exchange.trace.sentBytes = await tunnel.run(
            from: exchange.body.source,
            to: sink,
            writeNanoseconds: stallNanoseconds
        )
        return false
    }

    /// Content that has come already leaves with the head; what follows is sent from where it was received.
    @inline(__always)
    private mutating func stream(
        _ upstream: UpstreamResponse,
        _ ending: Ending,
        declared length: Int
    ) async throws(Failure) {
        let isSmall = isSmall(upstream)
        while let piece = try await nextPiece(of: upstream) {
            exchange.trace.sentBytes += piece.count
            upstream.cacheWriter?.append(piece)
            if ending == .chunked {
                output.appendChunk(piece)
            } else if output.count + piece.count <= Self.gatheredBytes {
                output.append(piece)
            } else if isSmall {
                try sendWithoutWaiting(piece)
                continue
            } else {
                try await flush()
                let isLast = upstream.isContentFinished && upstream.body.trailers == nil
                try await send(piece, isLast: isLast && isWhole(length))
                continue
            }
            // The end leaves with the last piece, where it is known that it is the last one.
            if upstream.isContentFinished { return }
            if output.count >= Self.gatheredBytes, !isSmall { try await flush() }
        }
    }

    /// Whether a client that takes nothing for now may have the whole content kept for it.
    private func isSmall(_ upstream: UpstreamResponse) -> Bool {
        if case .length(let length) = upstream.head.framing {
            length <= Self.keptBytes
        } else {
            false
        }
    }

    /// Sends what leaves at once of `output` and of the piece behind it; the rest of both stays in `output`.
    private mutating func sendWithoutWaiting(_ piece: ByteView = .empty) throws(Failure) {
        guard !output.isFull else { throw .gateway(.resources, detail: "response head too large") }
        // What TLS did not send may be in a record already, and goes out with the next bytes.
        if exchange.head.version != .http2, !output.isEmpty || !piece.isEmpty {
            exchange.trace.hasAnswered = true
        }
        var sent = try sendNow(output.readable)
        output.consume(sent)
        headBytes = max(0, headBytes - sent)
        sent = output.isEmpty ? try sendNow(piece) : 0
        output.append(piece.dropFirst(sent))
    }

    /// A head waits for no window, and the client knows with it that an answer comes.
    private mutating func sendHeadOverHTTP2() async throws(Failure) {
        guard exchange.head.version == .http2, headBytes > 0, !output.isFull else { return }
        let head = headBytes
        try await send(output.readable.prefix(head), isLast: false)
        output.consume(head)
    }

    @inline(__always)
    private func sendNow(_ bytes: ByteView) throws(Failure) -> Int {
        guard !bytes.isEmpty else { return 0 }
        do throws(StreamError) {
            return try sink.sendNow(bytes)
        } catch {
            throw .onClient(error, timedOut: .clientGone)
        }
    }

    /// Whether as much content was sent as the head declares: the client would take what follows for the rest.
    private func isWhole(_ length: Int) -> Bool {
        length < 0 || exchange.trace.sentBytes == length
    }

    /// The next piece of content. What has been gathered leaves before a wait: the server may say nothing
    /// more for long.
    @inline(__always)
    private mutating func nextPiece(of upstream: UpstreamResponse) async throws(Failure)
        -> ByteView?
    {
        if let piece = try upstream.nextReceived() { return piece }
        if upstream.isContentFinished { return nil }
        if isSmall(upstream) {
            try await sendHeadOverHTTP2()
            try sendWithoutWaiting()
            return try await nextPieceMeanwhileOffering(upstream)
        }
        try await flush()
        return try await upstream.body.next()
    }

    /// The next piece of content, once it comes. What the client takes until then of what has been gathered leaves.
    private func nextPieceMeanwhileOffering(_ upstream: UpstreamResponse) async throws(Failure)
        -> ByteView?
    {
        let gathered = output.readable
        sink.offer(gathered)
        defer { output.consume(sink.withdraw(gathered)) }
        return try await upstream.body.next()
    }

    /// Appends an interim head for the client; false, with nothing appended, for `100 Continue`, which is ours to say.
    static func appendInterim(_ head: ResponseHead, to output: OutputBuffer) -> Bool {
        guard head.status != 100 else { return false }
        output.appendStatusLine(head.status)
        for index in 0..<head.fields.count where head.fields.isForClient(index) {
            output.appendField(index, of: head.fields)
        }
        output.appendCRLF()
        return true
    }

    private static func ending(of upstream: UpstreamResponse, for request: RequestHead) -> (
        Ending, Int
    ) {
        if let length = upstream.contentLength { return (.length, length) }
        guard upstream.hasContent, request.version != .http2 else { return (.length, -1) }
        return (request.version == .http11 ? .chunked : .close, -1)
    }

    // MARK: Head

    /// - Parameter length: the content's length; -1 if no length is to be told.
    private mutating func endHead(
        _ response: Response,
        ending: Ending,
        length: Int,
        _ keepsAlive: Bool
    ) {
        append(fields: response.fields)
        appendAddedFields()
        // The answer may have been long in coming.
        worker.date.refresh(worker.reactor.now)
        worker.date.append(to: output)
        if ending == .chunked {
            output.append("transfer-encoding: chunked\r\n")
        } else if length >= 0, response.status != 204, response.status != 304 {
            output.appendField("content-length", decimal: length)
        }
        appendConnection(keepsAlive)
    }

    private mutating func appendConnection(_ keepsAlive: Bool) {
        if exchange.head.version == .http2 {
            // The connection is not this response's to speak of.
        } else if !keepsAlive {
            output.append("connection: close\r\n")
        } else if exchange.head.version == .http10 {
            output.append("connection: keep-alive\r\n")
        }
        output.appendCRLF()
        headBytes = output.count
    }

    private func append(fields: [(name: StaticString, value: String)]) {
        for field in fields { output.appendField(field.name, field.value) }
    }

    private func appendAddedFields() {
        exchange.addedFields.visit { name, value in output.appendField(name, value) }
    }

    // MARK: Sending

    @inline(__always)
    private mutating func flush(isLast: Bool = false, trailers: FieldSection? = nil)
        async throws(Failure)
    {
        guard !output.isEmpty || isLast && !hasEnded else { return }
        guard !output.isFull else { throw .gateway(.resources, detail: "response head too large") }
        try await send(output.readable, isLast: isLast, trailers: trailers)
        output.removeAll(keepingCapacity: true)
    }

    /// Sends bytes, which most often leave at once: then nothing is suspended, nor a frame made for it.
    @inline(__always)
    private mutating func send(_ bytes: ByteView, isLast: Bool, trailers: FieldSection? = nil)
        async throws(Failure)
    {
        exchange.trace.hasAnswered = true
        hasEnded = isLast
        let sent = try sendNow(bytes)
        if sent > 0, sent == bytes.count {
            headBytes = 0
        } else {
            try await sendRest(bytes.dropFirst(sent), isLast: isLast, trailers: trailers)
        }
    }

    private mutating func sendRest(_ bytes: ByteView, isLast: Bool, trailers: FieldSection?)
        async throws(Failure)
    {
        let headBytes = headBytes
        self.headBytes = 0
        do throws(StreamError) {
            try await sink.send(
                bytes,
                headBytes: headBytes,
                isLast: isLast,
                trailers: trailers,
                until: worker.reactor.now.advanced(byNanoseconds: stallNanoseconds)
            )
        } catch {
            throw .onClient(error, timedOut: .clientGone)
        }
    }
}
