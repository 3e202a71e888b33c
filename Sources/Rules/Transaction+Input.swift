extension Transaction {
    /// Addresses are numeric, without brackets.
    public func setConnection(clientAddress: String, clientPort: Int, serverAddress: String, serverPort: Int) {
        connection = Connection(
            clientAddress: clientAddress,
            clientPort: clientPort,
            serverAddress: serverAddress,
            serverPort: serverPort
        )
    }

    /// The request line as received: method, target and `HTTP/x.y`.
    public func setRequestLine(
        method: UnsafeRawBufferPointer,
        target: UnsafeRawBufferPointer,
        version: UnsafeRawBufferPointer
    ) {
        unsafe request.method = ByteView(method)
        unsafe request.target = ByteView(target)
        unsafe request.version = ByteView(version)
        request.split()
    }

    /// One request header field, in the order received, without surrounding white space.
    public func addRequestHeader(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        let name = unsafe ByteView(name)
        unsafe fields.append(.requestHeaders, name: name, value: ByteView(value), slot: rules.headers.find(name))
    }

    /// A part of the request body, copied. Returns an interruption if the body is beyond `SecRequestBodyLimit` and that
    /// is to be rejected; what is beyond the limit is not kept.
    public func appendRequestBody(_ bytes: UnsafeRawBufferPointer) -> Interruption? {
        guard wantsRequestBody else { return nil }
        let bytes = unsafe ByteView(bytes)
        let room = rules.settings.requestBodyLimitBytes - requestBody.count
        requestBody.append(bytes.prefix(room))
        guard bytes.count > room else { return nil }
        body.isInboundDataError = true
        guard rules.settings.requestBodyLimitAction == .reject, mode == .on else { return nil }
        return Interruption(
            status: 413,
            ruleID: 0,
            action: .deny,
            message: "request body is beyond SecRequestBodyLimit"
        )
    }

    /// The status line of the response; `version` is `HTTP/x.y`.
    public func setResponseLine(status: Int, version: UnsafeRawBufferPointer) {
        response.status = status
        unsafe response.version = ByteView(version)
    }

    /// One response header field.
    public func addResponseHeader(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        let name = unsafe ByteView(name)
        unsafe fields.append(.responseHeaders, name: name, value: ByteView(value), slot: rules.headers.find(name))
    }

    /// A part of the response body, copied. Returns an interruption if it is beyond `SecResponseBodyLimit` and that is
    /// to be rejected.
    public func appendResponseBody(_ bytes: UnsafeRawBufferPointer) -> Interruption? {
        guard responseBodyAccess, mode != .off else { return nil }
        let bytes = unsafe ByteView(bytes)
        let room = rules.settings.responseBodyLimitBytes - responseBody.count
        responseBody.append(bytes.prefix(room))
        guard bytes.count > room else { return nil }
        body.isOutboundDataError = true
        guard rules.settings.responseBodyLimitAction == .reject, mode == .on else { return nil }
        return Interruption(
            status: 500,
            ruleID: 0,
            action: .deny,
            message: "response body is beyond SecResponseBodyLimit"
        )
    }

    /// The first request header field in a slot.
    func requestHeader(_ slot: Int) -> ByteView? {
        var index = fields.first(.requestHeaders)
        while let found = index {
            if Int(fields[found].slot) == slot { return fields[found].value }
            index = fields.next(found)
        }
        return nil
    }

    /// Whether the response's content type is one of `SecResponseBodyMimeType`.
    var isResponseTypeInspected: Bool {
        var index = fields.first(.responseHeaders)
        while let found = index {
            if Int(fields[found].slot) == HeaderSlots.contentType {
                let value = fields[found].value
                let type = value.prefix(value.firstIndex { $0 == 0x3B || $0 == 0x20 } ?? value.count)
                return rules.settings.responseBodyTypes.contains { type.equalsFolded(Array($0.utf8)) }
            }
            index = fields.next(found)
        }
        return rules.settings.responseBodyTypes.contains("null")
    }
}
