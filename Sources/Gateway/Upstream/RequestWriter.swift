import HTTP
import Transport

/// Writes the request head that a server gets: the client's, in canonical form, without what concerns one connection
/// alone, and with our own word on who asks instead of the client's.
enum RequestWriter {
    /// Appends the head. The content's framing is decided here: the length if it is known, chunks otherwise.
    static func appendHead(
        of exchange: Exchange,
        body: BodyPlan,
        over version: HTTPVersion = .http11,
        to output: OutputBuffer
    ) {
        let head = exchange.head
        output.appendRequestLine(head)
        output.append("host: ")
        if head.authority.isEmpty {
            // HTTP/1.0 may name no host, HTTP/1.1 must.
            output.append(exchange.trace.server?.hostName ?? "localhost")
        } else {
            output.append(head.authority)
        }
        output.appendCRLF()
        let fields = head.fields
        let isReadByRules = exchange.isAnswerReadByRules
        for index in 0..<fields.count where !fields.isHopByHop(index) {
            guard isForwarded(fields, index) else { continue }
            switch fields.known(index) {
            case .acceptEncoding where isReadByRules: continue
            case .cookie where exchange.hidesRoomCookies:
                appendCookies(fields.value(index), to: output)
            case .maxForwards: appendForwards(index, of: head, to: output)
            default: output.appendField(index, of: fields)
            }
        }
        if isReadByRules { appendReadableCodings(fields, to: output) }
        appendForwarding(of: exchange, to: output)
        // The one thing that concerns a connection and that HTTP/2 passes on: whether trailers are read.
        if version == .http2, fields.first(of: .te)?.equalsIgnoringCase("trailers") == true {
            output.append("te: trailers\r\n")
        }
        if exchange.wantsWebSocket { appendUpgrade(of: exchange, to: output) }
        switch body {
        case .none: break
        case .length(let length): output.appendField("content-length", decimal: length)
        case .chunked: output.append("transfer-encoding: chunked\r\n")
        }
        output.appendCRLF()
    }

    /// Of the content codings that the client takes those that the rules can read; otherwise whoever asks for another
    /// one would not have the answer inspected.
    private static func appendReadableCodings(_ fields: FieldSection, to output: OutputBuffer) {
        guard fields.contains(.acceptEncoding) else { return }
        let takesGzip = Negotiation(fields).quality(ofCoding: "gzip") > 0
        output.append(takesGzip ? "accept-encoding: gzip\r\n" : "accept-encoding: identity\r\n")
    }

    /// How many more servers may pass the request on: one less for OPTIONS, where HTTP counts them.
    private static func appendForwards(
        _ index: Int,
        of head: RequestHead,
        to output: OutputBuffer
    ) {
        if let left = head.forwardsLeft {
            output.appendField("max-forwards", decimal: max(left - 1, 0))
        } else {
            output.appendField(index, of: head.fields)
        }
    }

    /// The wish for a WebSocket; where HTTP/2 has no key for it (RFC 8441), one of ours.
    private static func appendUpgrade(of exchange: Exchange, to output: OutputBuffer) {
        output.append("connection: Upgrade\r\nupgrade: websocket\r\n")
        guard exchange.head.isExtendedConnect else { return }
        if !exchange.head.fields.contains(.secWebSocketKey) {
            let key = Page.standardBase64(of: Digest.randomBytes(16))
            output.appendField("sec-websocket-key", key)
        }
        if !exchange.head.fields.contains(.secWebSocketVersion) {
            output.append("sec-websocket-version: 13\r\n")
        }
    }

    /// How the content goes to the server.
    enum BodyPlan {
        case none
        case length(Int)
        case chunked
    }

    /// Whether a field of the client goes on to the server.
    ///
    /// Names with an underscore look like their twin with a hyphen to servers that build variables of them, so
    /// none passes.
    private static func isForwarded(_ fields: FieldSection, _ index: Int) -> Bool {
        isForwarded(fields.known(index), fields.name(index))
    }

    /// Whether servers get fields of this name just as clients send them, so that what they answer can be told apart by
    /// what clients send.
    static func passesUnchanged(_ known: FieldName, _ name: ByteView) -> Bool {
        !known.isHopByHop && known != .via && isForwarded(known, name)
    }

    private static func isForwarded(_ known: FieldName, _ name: @autoclosure () -> ByteView)
        -> Bool
    {
        switch known {
        case .host, .contentLength, .transferEncoding, .expect, .forwarded, .xForwardedFor,
            .xForwardedProto,
            .xForwardedHost, .xForwardedPort, .xForwardedPrefix, .xForwardedURI, .xRealIP,
            .xOriginalURL, .xRewriteURL,
            .xRequestID, .waitingRoom, .waitingRoomCommand, .waitingRoomInventory,
            .waitingRoomTicket, .xWaitingRoomSession, .earlyData:
            return false
        case .other:
            let name = name()
            if name.contains(UInt8(ascii: "_")) { return false }
            // `Proxy` becomes HTTP_PROXY in the environment of programs behind CGI, which then ask whom the
            // client wants.
            return !name.equalsIgnoringCase("proxy") && !name.equalsIgnoringCase("bmh-assertion")
                && !name.equalsIgnoringCase("bmh-admission")
                && !name.equalsIgnoringCase("x-tls-ja4")
                && !name.prefix(11).equalsIgnoringCase("client-cert")
                && !name.prefix(12).equalsIgnoringCase("x-forwarded-")
                && !name.prefix(15).equalsIgnoringCase("x-waiting-room-")
                && !name.prefix(12).equalsIgnoringCase("waiting-room")
        default:
            return true
        }
    }

    /// Whether a trailer goes on to the server.
    static func passesTrailer(_ trailers: FieldSection, _ index: Int) -> Bool {
        trailers.known(index) == .other && isForwarded(trailers, index)
    }

    /// Appends the end of chunked content with those trailers that no server could take for a field of the head: names
    /// that mean nothing to HTTP and nothing to us (RFC 9110 section 6.5.1).
    static func appendEnd(trailers: FieldSection?, to output: OutputBuffer) {
        output.append("0\r\n")
        if let trailers {
            for index in 0..<trailers.count
            where passesTrailer(trailers, index) {
                output.appendField(index, of: trailers)
            }
        }
        output.appendCRLF()
    }

    /// A cookie field without the waiting rooms' own cookies, which are nobody else's business.
    private static func appendCookies(_ value: ByteView, to output: OutputBuffer) {
        let start = output.count
        output.append("cookie: ")
        let emptyCount = output.count
        var rest = value
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: ";")) ?? rest.count
            let pair = rest.prefix(end).trimmed
            rest = rest.dropFirst(end + 1)
            guard !pair.isEmpty, !WaitingRoomCookies.isOwn(pair) else { continue }
            if output.count > emptyCount { output.append("; ") }
            output.append(pair)
        }
        if output.count == emptyCount { output.truncate(to: start) } else { output.appendCRLF() }
    }

    private static func appendForwarding(of exchange: Exchange, to output: OutputBuffer) {
        output.append("x-forwarded-for: ")
        output.append(exchange.clientText)
        output.append("\r\nx-forwarded-proto: ")
        output.append(exchange.isSecure ? "https" : "http")
        output.append("\r\nx-forwarded-host: ")
        output.append(exchange.head.authority)
        output.append("\r\nx-request-id: ")
        exchange.id.append(to: output)
        switch exchange.head.version {
        case .http10: output.append("\r\nvia: 1.0 haniel\r\n")
        case .http11: output.append("\r\nvia: 1.1 haniel\r\n")
        case .http2: output.append("\r\nvia: 2 haniel\r\n")
        }
        if let client = exchange.tls?.client {
            output.append("client-cert: :")
            output.append(client.base64)
            output.append(":\r\n")
        }
        if let assertion = exchange.assertion { output.appendField("bmh-assertion", assertion) }
        if let admission = exchange.admission { output.appendField("bmh-admission", admission) }
        if let session = exchange.roomSession {
            output.appendField("x-waiting-room-session", session.text)
        }
    }
}
