import Rules

extension RuleRequest {
    /// The request of a JSON line; members that are missing keep their defaults.
    init(_ line: JSONValue) {
        self.init()
        if let client = line["client"] {
            clientAddress = (client["ip"] ?? client).text ?? clientAddress
            clientPort = client["port"]?.integer ?? clientPort
        }
        if let server = line["server"] {
            serverAddress = (server["ip"] ?? server).text ?? serverAddress
            serverPort = server["port"]?.integer ?? serverPort
        }
        method = line.field("method") ?? method
        target = line.field("uri") ?? target
        if let text = line["version"]?.text {
            version = Array((text.hasPrefix("HTTP/") ? String(text.dropFirst(5)) : text).utf8)
        } else if case .number(let number)? = line["version"] {
            version = Array("\(number)".utf8)
        }
        headers = Self.fields(line["headers"])
        body = line.field("body") ?? []
        status = line["status"]?.integer ?? status
        responseHeaders = Self.fields(line["response_headers"])
        responseBody = line.field("response_body") ?? []
    }

    private static func fields(_ list: JSONValue?) -> [Field] {
        (list?.array ?? []).compactMap(field)
    }

    private static func field(_ pair: JSONValue) -> Field? {
        guard let parts = pair.array, parts.count == 2, let name = parts[0].bytes,
            let value = parts[1].bytes
        else { return nil }
        return (name, value)
    }

    /// Whether a member is what `headers` has to be: nothing, or pairs of a name and a value.
    static func isFieldList(_ value: JSONValue) -> Bool {
        if case .null = value { return true }
        return value.array?.allSatisfy { field($0) != nil } ?? false
    }

    /// The same as a JSON line, for those who keep requests.
    var json: JSONValue {
        .object([
            (
                "client",
                .object([("ip", .text(clientAddress)), ("port", .integer(clientPort))])
            ),
            ("method", .bytes(method)), ("uri", .bytes(target)), ("version", .bytes(version)),
            ("headers", Self.list(headers)), ("body", .bytes(body)), ("status", .integer(status)),
            ("response_headers", Self.list(responseHeaders)),
            ("response_body", .bytes(responseBody)),
        ])
    }

    static func list(_ fields: [Field]) -> JSONValue {
        .array(fields.map { .array([.bytes($0.name), .bytes($0.value)]) })
    }
}
