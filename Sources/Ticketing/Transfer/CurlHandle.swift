import CCurl

/// One of libcurl's handles with the connections it keeps. It blocks, and serves one transfer at a time.
@safe final class CurlHandle {
    /// Collects what the server sends, up to a limit, and hands out what it is sent.
    private final class Buffers {
        var received: [UInt8] = []
        let receivedLimit: Int
        var unsent: ArraySlice<UInt8>

        init(receivedLimit: Int, unsent: [UInt8]) {
            self.receivedLimit = receivedLimit
            self.unsent = unsent[...]
        }
    }

    /// Once before any handle is made.
    private static let isPrepared = bmh_curl_prepare() == CURLE_OK

    private let handle: UnsafeMutableRawPointer

    /// Throws if the library cannot be used.
    init() throws(Transfer.Failure) {
        guard Self.isPrepared, let handle = unsafe curl_easy_init() else {
            throw Transfer.Failure(description: "libcurl does not start")
        }
        unsafe self.handle = unsafe handle
    }

    deinit { unsafe curl_easy_cleanup(handle) }

    /// Runs a transfer to its end or its time limit.
    func perform(_ transfer: Transfer) throws(Transfer.Failure) -> Transfer.Answer {
        unsafe curl_easy_reset(handle)
        let sent: [UInt8] =
            if case .mail(_, _, let message) = transfer.action { message } else { [] }
        let buffers = Buffers(receivedLimit: transfer.answerLimitBytes, unsent: sent)
        let context = unsafe Unmanaged.passUnretained(buffers).toOpaque()
        unsafe receive(into: context)
        try setCommon(transfer)
        let list: UnsafeMutablePointer<curl_slist>?
        switch transfer.action {
        case .request(let method, let headers, let body):
            unsafe list = unsafe Self.list(headers)
            try setRequest(method, body)
            try check(unsafe bmh_curl_set_list(handle, CURLOPT_HTTPHEADER, list))
        case .mail(let from, let to, let message):
            unsafe list = unsafe Self.list(["<\(to)>"])
            try setMail(from: from, byteCount: message.count)
            unsafe send(from: context)
            try check(unsafe bmh_curl_set_list(handle, CURLOPT_MAIL_RCPT, list))
        }
        defer { unsafe curl_slist_free_all(list) }
        try withExtendedLifetime(buffers) { () throws(Transfer.Failure) in
            try check(unsafe curl_easy_perform(handle))
        }
        return Transfer.Answer(
            status: unsafe bmh_curl_get_status(handle),
            body: buffers.received
        )
    }

    private func setCommon(_ transfer: Transfer) throws(Transfer.Failure) {
        try set(CURLOPT_URL, transfer.url)
        try set(CURLOPT_PROTOCOLS_STR, "http,https,smtp,smtps")
        // A signal for a time limit would hit whatever thread it finds.
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_TIMEOUT_MS, transfer.timeoutMilliseconds)
        try set(CURLOPT_CONNECTTIMEOUT_MS, transfer.connectTimeoutMilliseconds)
        if let user = transfer.user { try set(CURLOPT_USERNAME, user) }
        if let password = transfer.password { try set(CURLOPT_PASSWORD, password) }
        if let authorities = transfer.authorities { try set(CURLOPT_CAINFO, authorities) }
        if transfer.requiresEncryption { try set(CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue)) }
    }

    private func setRequest(_ method: String, _ body: [UInt8]) throws(Transfer.Failure) {
        try set(CURLOPT_CUSTOMREQUEST, method)
        guard !body.isEmpty else { return }
        // First the size, then the bytes, which are copied.
        try check(unsafe bmh_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, Int64(body.count)))
        let status = unsafe body.withUnsafeBytes { bytes in
            unsafe bmh_curl_set_text(
                handle,
                CURLOPT_COPYPOSTFIELDS,
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            )
        }
        try check(status)
    }

    private func setMail(from: String, byteCount: Int) throws(Transfer.Failure) {
        try set(CURLOPT_MAIL_FROM, "<\(from)>")
        try set(CURLOPT_UPLOAD, 1)
        try check(unsafe bmh_curl_set_size(handle, CURLOPT_INFILESIZE_LARGE, Int64(byteCount)))
    }

    private func receive(into context: UnsafeMutableRawPointer) {
        unsafe bmh_curl_on_receive(
            handle,
            { bytes, size, count, context in
                guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
                let buffers = unsafe Unmanaged<Buffers>.fromOpaque(context).takeUnretainedValue()
                let length = size * count
                // Less than was offered ends the transfer.
                guard buffers.received.count + length <= buffers.receivedLimit else { return 0 }
                unsafe UnsafeRawBufferPointer(start: bytes, count: length).withMemoryRebound(
                    to: UInt8.self
                ) { unsafe buffers.received.append(contentsOf: $0) }
                return length
            },
            context
        )
    }

    private func send(from context: UnsafeMutableRawPointer) {
        unsafe bmh_curl_on_send(
            handle,
            { space, size, count, context in
                guard let space = unsafe space, let context = unsafe context else { return 0 }
                let buffers = unsafe Unmanaged<Buffers>.fromOpaque(context).takeUnretainedValue()
                let piece = buffers.unsent.prefix(size * count)
                unsafe UnsafeMutableRawBufferPointer(start: space, count: size * count)
                    .copyBytes(from: piece)
                buffers.unsent = buffers.unsent.dropFirst(piece.count)
                return piece.count
            },
            context
        )
    }

    /// The library's list of texts; nil for none.
    private static func list(_ texts: [String]) -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        for text in texts { unsafe list = unsafe curl_slist_append(list, text) }
        return unsafe list
    }

    private func set(_ option: CURLoption, _ text: String) throws(Transfer.Failure) {
        try check(unsafe bmh_curl_set_text(handle, option, text))
    }

    private func set(_ option: CURLoption, _ number: Int) throws(Transfer.Failure) {
        try check(unsafe bmh_curl_set_number(handle, option, number))
    }

    private func check(_ code: CURLcode) throws(Transfer.Failure) {
        guard code != CURLE_OK else { return }
        throw Transfer.Failure(description: unsafe String(cString: curl_easy_strerror(code)))
    }
}
