import CNghttp2

/// What nghttp2 calls, shared by all sessions: each call finds its session and hands on to it.
@safe
struct SessionCallbacks {
    // Built once before its first use and never changed, as nghttp2 copies from it.
    nonisolated(unsafe) static let shared = SessionCallbacks()

    private let callbacks: OpaquePointer?
    private let options: OpaquePointer?

    private init() {
        var callbacks: OpaquePointer?
        var options: OpaquePointer?
        _ = unsafe nghttp2_session_callbacks_new(&callbacks)
        _ = unsafe nghttp2_option_new(&options)
        unsafe self.callbacks = callbacks
        unsafe self.options = options
        guard let callbacks = unsafe callbacks, let options = unsafe options else { return }
        unsafe nghttp2_option_set_no_auto_window_update(options, 1)
        unsafe nghttp2_option_set_no_http_messaging(options, 1)
        unsafe nghttp2_option_set_no_closed_streams(options, 1)
        unsafe nghttp2_option_set_builtin_recv_extension_type(
            options,
            UInt8(NGHTTP2_PRIORITY_UPDATE.rawValue)
        )
        // How much a header block may be cut up is judged before nghttp2 sees it.
        unsafe nghttp2_option_set_max_continuations(options, 512)
        unsafe nghttp2_option_set_stream_reset_rate_limit(options, 1_000_000, 1_000_000)
        unsafe Self.installReceiving(in: callbacks)
        unsafe Self.installSending(in: callbacks)
    }

    /// Opens a server's session for `owner`, which it calls back.
    func open(
        _ session: inout OpaquePointer?,
        _ owner: UnsafeMutableRawPointer,
        _ memory: FrameMemory
    ) -> Bool {
        guard let callbacks = unsafe callbacks, let options = unsafe options else { return false }
        var functions = unsafe memory.functions
        return unsafe nghttp2_session_server_new3(
            &session,
            callbacks,
            owner,
            options,
            &functions
        ) == 0
    }

    /// Opens a client's session for `owner`, which it calls back.
    func openClient(_ session: inout OpaquePointer?, _ owner: UnsafeMutableRawPointer) -> Bool {
        guard let callbacks = unsafe callbacks, let options = unsafe options else { return false }
        return unsafe nghttp2_session_client_new2(&session, callbacks, owner, options) == 0
    }

    private static func installReceiving(in callbacks: OpaquePointer) {
        unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) {
            _,
            frame,
            this in
            guard let session = unsafe sessionBehind(this), let frame = unsafe frame else {
                return 0
            }
            return session.beginBlock(of: unsafe frame.pointee.hd.stream_id)
        }
        unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _,
            _,
            name,
            nameLength,
            value,
            valueLength,
            _,
            this in
            let name = unsafe UnsafeRawBufferPointer(start: name, count: nameLength)
            let value = unsafe UnsafeRawBufferPointer(start: value, count: valueLength)
            return unsafe readField(ByteView(name), ByteView(value), for: this)
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, this in
            guard let session = unsafe sessionBehind(this), let frame = unsafe frame else {
                return 0
            }
            let header = unsafe frame.pointee.hd
            session.received(
                FrameHeader.Kind(rawValue: header.type) ?? .other,
                on: header.stream_id,
                endsStream: header.flags & FrameHeader.endStream != 0
            )
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
            _,
            _,
            stream,
            bytes,
            length,
            this in
            guard let session = unsafe sessionBehind(this) else { return 0 }
            session.receivedContent(
                unsafe ByteView(UnsafeRawBufferPointer(start: bytes, count: length)),
                on: stream
            )
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) {
            _,
            stream,
            code,
            this in
            unsafe sessionBehind(this)?.closed(stream, code)
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks) {
            _,
            _,
            error,
            this in
            let isRefusal = error == NGHTTP2_ERR_REFUSED_STREAM.rawValue
            unsafe sessionBehind(this)?.note(isRefusal ? .refusedStream : .provokedReset)
            return 0
        }
    }

    private static func installSending(in callbacks: OpaquePointer) {
        unsafe nghttp2_session_callbacks_set_send_data_callback(callbacks) {
            _,
            frame,
            header,
            length,
            source,
            this in
            guard let session = unsafe sessionBehind(this), let header = unsafe header,
                let stream = unsafe streamBehind(source)
            else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
            return session.write(
                unsafe ByteView(header, count: FrameHeader.byteCount),
                length,
                of: stream
            )
        }
    }

    /// Says how much content there is for the next frame, which is written without a copy in between.
    static let readContent: nghttp2_data_source_read_callback = {
        _,
        _,
        _,
        length,
        flags,
        source,
        this in
        guard let session = unsafe sessionBehind(this), let stream = unsafe streamBehind(source)
        else {
            return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
        }
        let (count, marks) = session.nextContent(of: stream, limit: length)
        unsafe flags?.pointee = marks
        return count
    }
}

// Free functions, since what C calls can capture nothing, not even the type around it.

private func sessionBehind(_ this: UnsafeMutableRawPointer?) -> HTTP2Session? {
    unsafe this.map { unsafe Unmanaged<HTTP2Session>.fromOpaque($0).takeUnretainedValue() }
}

/// Called for each field, so that the session, which whoever called nghttp2 holds, is not retained for it.
private func readField(_ name: ByteView, _ value: ByteView, for this: UnsafeMutableRawPointer?)
    -> Int32
{
    guard let this = unsafe this else { return 0 }
    return unsafe Unmanaged<HTTP2Session>.fromOpaque(this)._withUnsafeGuaranteedRef {
        $0.readField(name, value)
    }
}

/// The session holds every stream whose content it may ask for.
private func streamBehind(_ source: UnsafeMutablePointer<nghttp2_data_source>?) -> HTTP2Stream? {
    unsafe source?.pointee.ptr.map {
        unsafe Unmanaged<HTTP2Stream>.fromOpaque($0).takeUnretainedValue()
    }
}
