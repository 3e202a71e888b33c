import CNghttp2

extension HTTP2Session {
    /// Sends the head of a response, which stands as text in the form of HTTP/1.1.
    ///
    /// - Parameter hasContent: whether content or trailers follow, handed over with `send`.
    /// - Returns: false if the stream is gone.
    public func submitHead(_ head: ByteView, on stream: HTTP2Stream, hasContent: Bool) -> Bool {
        collect(head)
        let result: Int32
        if hasContent {
            var provider = unsafe nghttp2_data_provider()
            unsafe provider.source.ptr = Unmanaged.passUnretained(stream).toOpaque()
            unsafe provider.read_callback = SessionCallbacks.readContent
            result = unsafe nghttp2_submit_response(
                session,
                stream.id,
                nameValues,
                nameValues.count,
                &provider
            )
        } else {
            stream.isLocalEnded = true
            result = unsafe nghttp2_submit_response(
                session,
                stream.id,
                nameValues,
                nameValues.count,
                nil
            )
        }
        unsafe nameValues.removeAll(keepingCapacity: true)
        return result == 0
    }

    /// Sends a request, whose head stands as text in the form of HTTP/1.1.
    ///
    /// - Parameter hasContent: whether content or trailers follow, handed over with `send`.
    /// - Returns: false if no stream can be opened.
    public func submitRequest(
        _ head: ByteView,
        scheme: StaticString,
        on stream: HTTP2Stream,
        hasContent: Bool
    ) -> Bool {
        guard collectRequest(head, scheme) else { return false }
        defer { unsafe nameValues.removeAll(keepingCapacity: true) }
        let id: Int32
        if hasContent {
            var provider = unsafe nghttp2_data_provider()
            unsafe provider.source.ptr = Unmanaged.passUnretained(stream).toOpaque()
            unsafe provider.read_callback = SessionCallbacks.readContent
            id = unsafe nghttp2_submit_request(
                session,
                nil,
                nameValues,
                nameValues.count,
                &provider,
                nil
            )
        } else {
            stream.isLocalEnded = true
            id = unsafe nghttp2_submit_request(session, nil, nameValues, nameValues.count, nil, nil)
        }
        guard id > 0 else { return false }
        stream.id = id
        stream.isInSession = true
        streams[id] = stream
        return true
    }

    /// Sends an interim head (1xx), which stands as text in the form of HTTP/1.1.
    public func submitInterim(_ head: ByteView, on stream: HTTP2Stream) {
        collect(head)
        _ = unsafe nghttp2_submit_headers(
            session,
            UInt8(NGHTTP2_FLAG_NONE.rawValue),
            stream.id,
            nil,
            nameValues,
            nameValues.count,
            nil
        )
        unsafe nameValues.removeAll(keepingCapacity: true)
    }

    /// Hands over content, which has to stay in place until `noticeSent` or until it is dropped.
    public func send(
        _ content: ByteView,
        on stream: HTTP2Stream,
        isLast: Bool,
        trailers: FieldSection? = nil,
        where passes: @escaping (FieldSection, Int) -> Bool = { _, _ in true }
    ) {
        stream.setPending(content, isLast: isLast, trailers: trailers, where: passes)
        guard stream.isDeferred else { return }
        stream.isDeferred = false
        _ = unsafe nghttp2_session_resume_data(session, stream.id)
    }

    /// Gives the peer room for as much as was consumed of what it has sent.
    public func consume(_ length: Int, of stream: HTTP2Stream) {
        guard length > 0 else { return }
        _ = unsafe nghttp2_session_consume(session, stream.id, length)
    }

    /// Ends the stream from our side before its message is complete.
    public func reset(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
        stream.dropPending()
        guard stream.closeCode == nil else { return }
        _ = unsafe nghttp2_submit_rst_stream(
            session,
            UInt8(NGHTTP2_FLAG_NONE.rawValue),
            stream.id,
            code.rawValue
        )
    }

    /// Resets a stream whose message is malformed, and tells whoever works on it.
    func fault(_ stream: HTTP2Stream) {
        note(.provokedReset)
        reset(stream, .protocolError)
        stream.closeCode = .protocolError
        stream.noticeClosed()
    }

    /// Tells whoever works on a stream that the connection is gone.
    public func abandonStreams() {
        for stream in streams.values where stream.closeCode == nil {
            stream.closeCode = .cancel
            stream.noticeClosed()
        }
    }

    /// Sends the fields behind the content, which end the stream.
    func submitTrailers(_ fields: FieldSection, on stream: HTTP2Stream) {
        for index in 0..<fields.count
        where !fields.isHopByHop(index) && stream.passesTrailer(fields, index) {
            appendPair(fields.name(index), fields.value(index))
        }
        _ = unsafe nghttp2_submit_trailer(session, stream.id, nameValues, nameValues.count)
        unsafe nameValues.removeAll(keepingCapacity: true)
    }

    /// Orders the stream among the others as its head asks (RFC 9218); updates of that nghttp2 obeys by itself.
    func setPriority(of stream: HTTP2Stream) {
        guard let value = stream.fields.first(of: .priority) else { return }
        var priority = nghttp2_extpri(urgency: 3, inc: 0)
        var elements = ListElements(value)
        while let element = elements.next() {
            if element.count == 3, element.hasPrefix("u="), let urgency = element[2..<3].decimal {
                priority.urgency = UInt32(min(urgency, 7))
            } else if element.equals("i") || element.equals("i=?1") {
                priority.inc = 1
            }
        }
        _ = unsafe nghttp2_session_change_extpri_stream_priority(session, stream.id, &priority, 0)
    }

    // MARK: Name and value pairs

    /// Collects `:status` and the fields of a head that stands as text. nghttp2 copies them, names in lower case.
    private func collect(_ head: ByteView) {
        unsafe nameValues.removeAll(keepingCapacity: true)
        guard head.count >= 12 else { return }
        appendPair(ByteView(":status"), head[9..<12])
        var start = (head.firstIndex(of: ASCII.lineFeed) ?? head.count) + 1
        while start < head.count {
            guard let end = head.firstIndex(of: ASCII.carriageReturn, from: start), end > start,
                let colon = head.firstIndex(of: 0x3A, from: start), colon < end
            else { return }
            appendPair(head[start..<colon], head[colon + 1..<end].trimmed)
            start = end + 2
        }
    }

    /// Collects the pseudo-header fields and the fields of a request head that stands as text.
    private func collectRequest(_ head: ByteView, _ scheme: StaticString) -> Bool {
        unsafe nameValues.removeAll(keepingCapacity: true)
        guard let methodEnd = head.firstIndex(of: ASCII.space),
            let pathEnd = head.firstIndex(of: ASCII.space, from: methodEnd + 1),
            let lineEnd = head.firstIndex(of: ASCII.lineFeed, from: pathEnd)
        else { return false }
        appendPair(ByteView(":method"), head[0..<methodEnd])
        appendPair(ByteView(":scheme"), ByteView(scheme))
        appendPair(ByteView(":path"), head[methodEnd + 1..<pathEnd])
        var start = lineEnd + 1
        while start < head.count {
            guard let end = head.firstIndex(of: ASCII.carriageReturn, from: start), end > start,
                let colon = head.firstIndex(of: 0x3A, from: start), colon < end
            else { break }
            let name = head[start..<colon]
            let value = head[colon + 1..<end].trimmed
            start = end + 2
            if name.equalsIgnoringCase("host") {
                appendPair(ByteView(":authority"), value)
            } else if !name.equalsIgnoringCase("transfer-encoding") {
                appendPair(name, value)
            }
        }
        return true
    }

    private func appendPair(_ name: ByteView, _ value: ByteView) {
        let pair = unsafe nghttp2_nv(
            name: UnsafeMutablePointer(mutating: name.base),
            value: UnsafeMutablePointer(mutating: value.base),
            namelen: name.count,
            valuelen: value.count,
            flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)
        )
        unsafe nameValues.append(pair)
    }
}
