import Rules

/// One match as a line in ModSecurity's form, which log tools read.
struct ErrorLogLine {
    let record: RuleObserver.LogRecord
    let rule: RuleDescription?
    /// If this rule ended the request.
    let interruption: Interruption?
    let request: RuleRequest
    let uniqueID: String

    private static let parameterLimit = 200
    private static let valueLimit = 100

    var bytes: [UInt8] {
        var line = Array("ModSecurity: \(headline) ".utf8)
        line += matched
        if let rule {
            add("file", Array(rule.location.file.utf8), to: &line)
            add("line", Array("\(rule.location.line)".utf8), to: &line)
        }
        add("id", Array("\(record.ruleID)".utf8), to: &line)
        if let rule, !rule.revision.isEmpty { add("rev", Array(rule.revision.utf8), to: &line) }
        add("msg", record.message, to: &line)
        add("data", record.logData, to: &line)
        if let severity = rule?.severity {
            add("severity", Array("\(severity.rawValue)".utf8), to: &line)
        }
        if let rule, !rule.version.isEmpty { add("ver", Array(rule.version.utf8), to: &line) }
        for tag in record.tags { add("tag", tag, to: &line) }
        add("hostname", Array(request.serverAddress.utf8), to: &line)
        add("uri", Array(request.target.prefix { $0 != UInt8(ascii: "?") }), to: &line)
        add("unique_id", Array(uniqueID.utf8), to: &line)
        return line
    }

    private var headline: String {
        guard record.isBlocking, let interruption else { return "Warning." }
        switch interruption.action {
        case .deny: return "Access denied with code \(interruption.status) (phase \(record.phase))."
        case .drop: return "Access denied with connection close (phase \(record.phase))."
        case .redirect(let address):
            return "Access denied with redirection to \(address) using status "
                + "\(interruption.status) (phase \(record.phase))."
        }
    }

    private var matched: [UInt8] {
        guard let last = rule.map({ $0.links.last ?? $0 }), !last.operatorName.isEmpty else {
            return Array("Unconditional match in SecAction.".utf8)
        }
        let name = last.operatorName.prefix(1).uppercased() + last.operatorName.dropFirst()
        var text = Array(
            "Matched \"Operator `\(last.isNegated ? "!" : "")\(name)' with parameter `".utf8
        )
        text += last.parameter.prefix(Self.parameterLimit)
        text += "' against variable `".utf8
        text += record.target
        text += "' (Value: `".utf8
        text += record.value.prefix(Self.valueLimit)
        text += "' )\"".utf8
        return text
    }

    /// ` [name "value"]`, with quotes and what is not printable escaped.
    private func add(_ name: String, _ value: [UInt8], to line: inout [UInt8]) {
        line += " [\(name) \"".utf8
        for byte in value {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): line += [UInt8(ascii: "\\"), byte]
            case 0x00..<0x20, 0x7F:
                let digits = String(byte, radix: 16)
                line += "\\x\(digits.count == 1 ? "0" : "")\(digits)".utf8
            default: line.append(byte)
            }
        }
        line += "\"]".utf8
    }
}
