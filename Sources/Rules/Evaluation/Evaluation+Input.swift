extension Evaluation {
    /// Keeps a request header field that some rule may look at, where it stands.
    mutating func addRequestHeader(name: ByteView, value: ByteView, slot: Int) {
        if slot >= 0 || rules.readsWholeHead {
            fields.append(.requestHeaders, name: name, value: value, slot: slot)
        }
    }

    /// Keeps a copy of a response header field that some rule may look at.
    mutating func addResponseHeader(name: ByteView, value: ByteView) {
        let slot = rules.headers.find(name)
        guard slot >= 0 || rules.readsWholeHead else { return }
        fields.append(
            .responseHeaders,
            name: arena.copy(name),
            value: arena.copy(value),
            slot: slot
        )
    }

    /// Keeps what `SecRequestBodyLimit` allows.
    mutating func appendRequestBody(_ bytes: ByteView) -> Interruption? {
        let room = rules.settings.requestBodyLimitBytes - requestBody.count
        requestBody.append(bytes.prefix(room))
        guard bytes.count > room else { return nil }
        return refuseInbound()
    }

    /// The body is beyond `SecRequestBodyLimit`.
    mutating func refuseInbound() -> Interruption? {
        body.isInboundDataError = true
        guard rules.settings.requestBodyLimitAction == .reject, mode == .on else { return nil }
        return Interruption(
            status: 413,
            ruleID: 0,
            action: .deny,
            message: "request body is beyond SecRequestBodyLimit"
        )
    }

    /// Keeps what `SecResponseBodyLimit` allows.
    mutating func appendResponseBody(_ bytes: ByteView) -> Interruption? {
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
                let type = value.prefix(
                    value.firstIndex { $0 == 0x3B || $0 == 0x20 } ?? value.count
                )
                return rules.settings.responseBodyTypes.contains {
                    type.equalsFolded(Array($0.utf8))
                }
            }
            index = fields.next(found)
        }
        return rules.settings.responseBodyTypes.contains("null")
    }
}
