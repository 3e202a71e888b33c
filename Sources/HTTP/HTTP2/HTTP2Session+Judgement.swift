extension HTTP2Session {
    /// Looks at a frame before nghttp2 does; the error that it is, if it is one.
    func judge(_ frame: FrameHeader) -> HTTP2ErrorCode? {
        switch frame.kind {
        case .data, .headers:
            if frame.kind == .data, frame.length == 0, !frame.has(FrameHeader.endStream) {
                note(.emptyData)
            }
            if frame.kind == .headers, frame.length == 0 { note(.emptyHeaders) }
            if let code = judgeStream(of: frame) { return code }
        case .priority:
            note(.priority)
            if frame.stream == 0 { return .protocolError }
            if frame.length != 5 { return .frameSizeError }
        case .settings: note(.settings)
        case .ping: note(.ping)
        case .windowUpdate: note(.windowUpdate)
        case .continuation:
            let isFair = frame.length >= Self.fairFragment || frame.has(FrameHeader.endHeaders)
            note(isFair ? .continuation : .scrap)
        case .other, .goAway: note(.unknownFrame)
        case .reset, .pushPromise: break
        }
        return isTerminated ? .enhanceYourCalm : nil
    }

    /// Bytes of a header block that a frame has unless it is the last one: smaller ones may be few.
    private static let fairFragment = 1024

    /// A stream cannot depend on itself (RFC 7540 section 5.3.1); dependencies have no other meaning any more.
    func judge(_ frame: FrameHeader, dependsOn stream: Int32) -> HTTP2ErrorCode? {
        frame.stream == stream ? .protocolError : nil
    }

    /// Whether content or fields may come on this stream (RFC 9113 sections 5.1 and 5.1.1).
    private func judgeStream(of frame: FrameHeader) -> HTTP2ErrorCode? {
        guard isServer, current == nil, frame.stream > 0, frame.stream <= lastStream,
            streams[frame.stream] == nil
        else { return nil }
        guard frame.stream & 1 == 1, let isOurs = departed.wasResetByUs(frame.stream) else {
            // Never opened: a lower number than one that was closes it for good.
            return .protocolError
        }
        if isOurs {
            note(.unknownFrame)
            return nil
        }
        return .streamClosed
    }
}
