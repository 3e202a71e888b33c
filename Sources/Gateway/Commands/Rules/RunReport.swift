import Rules

/// The answer of `haniel rules run` to one request.
struct RunReport {
    let request: RuleRequest
    let outcome: RuleRunner.Outcome
    let descriptions: [Int: RuleDescription]
    let uniqueID: String

    func json(trace: [[UInt8]]?) -> JSONValue {
        let logged = outcome.records.filter(\.isLogged)
        return .object([
            ("ids", .array(logged.map { .integer($0.ruleID) })),
            ("matched", .array(outcome.matchedIDs.map(JSONValue.integer))),
            ("interruption", interruption), ("http_code", .integer(httpCode)),
            (
                "score",
                .object([
                    ("in", .integer(outcome.inboundScore)),
                    ("out", .integer(outcome.outboundScore)),
                ])
            ),
            ("messages", .array(logged.map(message))),
            ("error_log", .array(errorLog.map(JSONValue.bytes))), ("audit", audit),
            (
                "tx",
                .object(
                    outcome.variables.map {
                        (String(decoding: $0.name, as: UTF8.self), .bytes($0.value))
                    }
                )
            ),
            ("trace", trace.map { .array($0.map(JSONValue.bytes)) } ?? .null),
            ("parser_error", .null),
        ])
    }

    private var httpCode: Int { outcome.interruption?.status ?? 200 }

    private var interruption: JSONValue {
        guard let stop = outcome.interruption else { return .null }
        var data = JSONValue.null
        let action: String
        switch stop.action {
        case .deny: action = "deny"
        case .drop: action = "drop"
        case .redirect(let address):
            action = "redirect"
            data = .text(address)
        }
        return .object([
            ("id", .integer(stop.ruleID)), ("action", .text(action)),
            ("status", .integer(stop.status)), ("data", data),
        ])
    }

    private func message(_ record: RuleObserver.LogRecord) -> JSONValue {
        .object([
            ("id", .integer(record.ruleID)), ("msg", .bytes(record.message)),
            ("data", .bytes(record.logData)), ("target", .bytes(record.target)),
            ("value", .bytes(record.value)),
        ])
    }

    private var errorLog: [[UInt8]] {
        outcome.records.map { record in
            ErrorLogLine(
                record: record,
                rule: descriptions[record.ruleID],
                interruption: record.isBlocking ? outcome.interruption : nil,
                request: request,
                uniqueID: uniqueID
            ).bytes
        }
    }

    /// As ModSecurity writes it: `Target value: "x" (Variable: ARGS:a)`.
    static func traceLine(_ sight: RuleObserver.Sight) -> [UInt8] {
        var line = Array("Target value: \"".utf8)
        line += sight.value
        line += "\" (Variable: ".utf8
        line += sight.target
        line.append(UInt8(ascii: ")"))
        return line
    }

    /// The parts of an audit log that a single request has.
    private var audit: JSONValue {
        .object([
            ("unique_id", .text(uniqueID)), ("client_ip", .text(request.clientAddress)),
            ("client_port", .integer(request.clientPort)),
            ("host_ip", .text(request.serverAddress)),
            ("host_port", .integer(request.serverPort)),
            (
                "request",
                .object([
                    ("method", .bytes(request.method)), ("uri", .bytes(request.target)),
                    ("http_version", .bytes(request.version)),
                    ("headers", RuleRequest.list(request.headers)), ("body", .bytes(request.body)),
                ])
            ),
            (
                "response",
                .object([
                    ("http_code", .integer(outcome.interruption?.status ?? request.status)),
                    ("headers", RuleRequest.list(request.responseHeaders)),
                ])
            ),
            ("messages", .array(outcome.records.filter(\.isLogged).map(auditMessage))),
        ])
    }

    private func auditMessage(_ record: RuleObserver.LogRecord) -> JSONValue {
        let rule = descriptions[record.ruleID]
        return .object([
            ("message", .bytes(record.message)), ("ruleId", .integer(record.ruleID)),
            ("file", .optional(rule?.location.file)),
            ("lineNumber", .optional(rule?.location.line)),
            ("data", .bytes(record.logData)), ("severity", .optional(rule?.severity?.rawValue)),
            ("ver", .optional(rule?.version)), ("tags", .array(record.tags.map(JSONValue.bytes))),
        ])
    }
}
