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

    let stream: ByteStream
    let exchange: Exchange
    let output: OutputBuffer
    let date: DateField
    /// The longest time a client may take for one piece.
    let stallNanoseconds: UInt64

    /// Up to this much is copied behind the head so that both leave in one write: a full TLS record.
    private static let gatheredBytes = 16384
    /// A client has the whole write time for each so much of what is in memory already.
    private static let sentBytes = 256 << 10

    /// Writes `response` and returns whether the connection may serve another request.
    func write(_ response: Response, keepAlive: Bool) async throws(Failure)
        -> Bool
    {
        let keepsAlive = keepAlive && !response.closesConnection
        output.removeAll(keepingCapacity: true)
        if case .cached(let hit) = response.source {
            return try await finish(hit: hit, response, keepsAlive)
        }
        output.appendStatusLine(response.status)
        switch response.source {
        case .drop, .cached: return false
        case .content(let content):
            output.append(content.fieldLines)
            return try await finish(bytes: content.body, response, keepsAlive)
        case .file(let file):
            file.appendFields(to: output)
            return try await finish(file: file, response, keepsAlive)
        case .upstream(let upstream):
            return try await finish(upstream: upstream, response, keepsAlive)
        }
    }

    // MARK: Sources

    private func finish(
        bytes: [UInt8],
        _ response: Response,
        _ keepsAlive: Bool
    ) async throws(Failure) -> Bool {
        endHead(response, ending: .length, length: bytes.count, keepsAlive)
        // Content behind a head that announces none would be read as the next response.
        if exchange.head.method != .head, response.status != 204, response.status != 304 {
            output.append(bytes)
            exchange.trace.sentBytes = bytes.count
        }
        try await flush()
        return keepsAlive
    }

    /// The stored head has its own date and length.
    private func finish(
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
        try await flush()
        // The entry keeps its bytes in place for as long as it is referred to, whatever the cache evicts meanwhile.
        var rest = hit.body.dropFirst(gathered.count)
        while !rest.isEmpty {
            let piece = rest.prefix(Self.sentBytes)
            try await send(piece)
            rest = rest.dropFirst(piece.count)
        }
        exchange.trace.sentBytes = hit.body.count
        return keepsAlive
    }

    private func finish(
        file: FileContent,
        _ response: Response,
        _ keepsAlive: Bool
    ) async throws(Failure) -> Bool {
        endHead(response, ending: .length, length: file.length, keepsAlive)
        guard exchange.head.method != .head else {
            try await flush()
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
            try await flush()
        }
        exchange.trace.sentBytes = sent
        if sent == 0 { try await flush() }
        return keepsAlive
    }

    private func finish(
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
            try await stream(upstream, ending)
        } else {
            upstream.commit()
        }
        try await flush()
        return keepsAlive
    }

    /// Content that has come already leaves with the head; what follows is sent from where it was received.
    private func stream(_ upstream: UpstreamResponse, _ ending: Ending)
        async throws(Failure)
    {
        while let piece = try await upstream.body.next() {
            exchange.trace.sentBytes += piece.count
            upstream.cacheWriter?.append(piece)
            if ending == .chunked {
                output.appendChunk(piece)
            } else if output.count + piece.count <= Self.gatheredBytes {
                output.append(piece)
            } else {
                try await flush()
                try await send(piece)
                continue
            }
            if output.count >= Self.gatheredBytes || !upstream.hasReceivedMore { try await flush() }
        }
        upstream.commit()
        if ending == .chunked { output.appendLastChunk(trailers: upstream.body.trailers) }
    }

    private static func ending(of upstream: UpstreamResponse, for request: RequestHead) -> (
        Ending, Int
    ) {
        if let length = upstream.contentLength { return (.length, length) }
        guard upstream.hasContent else { return (.length, -1) }
        return (request.version == .http11 ? .chunked : .close, -1)
    }

    // MARK: Head

    /// - Parameter length: the content's length; -1 if no length is to be told.
    private func endHead(
        _ response: Response,
        ending: Ending,
        length: Int,
        _ keepsAlive: Bool
    ) {
        append(fields: response.fields)
        appendAddedFields()
        date.append(to: output)
        if ending == .chunked {
            output.append("transfer-encoding: chunked\r\n")
        } else if length >= 0, response.status != 204, response.status != 304 {
            output.appendField("content-length", decimal: length)
        }
        appendConnection(keepsAlive)
    }

    private func appendConnection(_ keepsAlive: Bool) {
        if !keepsAlive {
            output.append("connection: close\r\n")
        } else if exchange.head.version == .http10 {
            output.append("connection: keep-alive\r\n")
        }
        output.appendCRLF()
    }

    private func append(fields: [(name: StaticString, value: String)]) {
        for field in fields { output.appendField(field.name, field.value) }
    }

    private func appendAddedFields() {
        exchange.addedFields.visit { name, value in output.appendField(name, value) }
    }

    // MARK: Sending

    private func flush() async throws(Failure) {
        guard !output.isEmpty else { return }
        guard !output.isFull else { throw .gateway(.resources, detail: "response head too large") }
        try await send(output.readable)
        output.removeAll(keepingCapacity: true)
    }

    private func send(_ bytes: ByteView) async throws(Failure) {
        guard !bytes.isEmpty else { return }
        exchange.trace.hasAnswered = true
        do throws(StreamError) {
            try await stream.write(
                bytes,
                until: stream.reactor.now.advanced(byNanoseconds: stallNanoseconds)
            )
        } catch {
            throw .onClient(error, timedOut: .clientGone)
        }
    }
}
