/// Makes a small rule set and requests that some of its rules match, directly or once they are decoded.
struct GateMaker {
    /// A request in parts, as `run` takes them.
    struct Request {
        var cookies: [UInt8]
        var target: [UInt8]
        var agent: [UInt8]
        var body: [UInt8]

        var lines: [UInt8] {
            Array([cookies, target, agent, body].joined(separator: [0x0A]))
        }
    }

    private static let encodings: [@Sendable ([UInt8]) -> [UInt8]] = [
        { $0 }, { $0 }, { $0 },
        { $0.flatMap { hex("%", $0) } }, { $0.flatMap { hex("\\x", $0) } },
        { $0.flatMap { Array("&#\($0);".utf8) } }, { $0.flatMap { hex("%u00", $0) } },
        { $0.flatMap { hex("\\u00", $0) } }, { $0.flatMap { hex("", $0) } },
        { $0.flatMap { [$0, 0] } }, { $0.flatMap { [$0, 0x20, 0x20] } },
        { $0.flatMap { [$0] + Array("/**/".utf8) } }, { $0.flatMap { [0x5C, $0] } },
        { Array("0x".utf8) + $0.flatMap { hex("", $0) } },
        { $0.map { $0.isSmallLetter ? $0 ^ 0x20 : $0 } },
        { Array("/./".utf8) + $0 }, { $0 + Array("--x".utf8) },
    ]

    private var maker: ExpressionMaker
    private var samples: [[UInt8]] = []
    /// The transformations of the rule before: those of another one often begin with some of them.
    private var chain: [String] = []

    init(_ choices: Choices) { maker = ExpressionMaker(choices) }

    /// Rules with the ids 1, 2, ..., some of them chains.
    mutating func rules() -> [UInt8] {
        var text = Array("SecRuleEngine DetectionOnly\nSecRequestBodyAccess On\n".utf8)
        var isLink = false
        for id in 1...2 + maker.choices.below(7) {
            let isHead = !isLink
            isLink = maker.choices.below(4) == 1
            text += rule(isHead ? id : nil, chains: isLink)
            if isHead, !isLink, maker.choices.below(12) == 1 {
                text += Array("SecMarker END\n".utf8)
            }
        }
        if isLink { text += rule(nil, chains: false) }
        return text
    }

    mutating func request() -> Request {
        var request = Request(
            // The first byte chooses the type of the body, too.
            cookies: Array(maker.choices.one(of: ["a=", "b=", "c=", "d=", "e="]).utf8)
                + value(escaping: Array(";\n\r\0".utf8)),
            target: Array("/p?a=".utf8) + value(escaping: Array(" &#+%;=\n\r\0".utf8)),
            agent: value(escaping: Array("\n\r\0".utf8)),
            body: Array("a=".utf8) + value(escaping: Array("&+%=\n\r\0".utf8))
        )
        switch maker.choices.below(6) {
        case 1: request.target = [0x2F] + value(escaping: Array(" ?#\n\r\0".utf8))
        case 2: request.target += Array("&b=1&".utf8) + value(escaping: Array(" &#+%\n\0".utf8))
        case 3: request.cookies += Array("; ".utf8) + value(escaping: Array(";\n\0".utf8))
        case 4: request.body = value(escaping: Array("\n".utf8))
        case 5:
            let text = value(escaping: Array("\"\\\n\r\0".utf8), by: "\\u00")
            request.body = Array("{\"a\":\"".utf8) + text + Array("\"}".utf8)
        default: break
        }
        return request
    }

    /// Some sample, encoded in one way or another; what may not stand in its place is escaped.
    private mutating func value(escaping bytes: [UInt8], by prefix: String = "%") -> [UInt8] {
        guard !samples.isEmpty, maker.choices.below(5) > 0 else { return Array("1".utf8) }
        var value = maker.choices.one(of: GateMaker.encodings)(maker.choices.one(of: samples))
        if maker.choices.below(3) == 1 { value += maker.choices.one(of: samples) }
        return value.flatMap { bytes.contains($0) || $0 < 0x20 ? hex(prefix, $0) : [$0] }
    }

    private mutating func rule(_ id: Int?, chains: Bool) -> [UInt8] {
        var actions: [String] = []
        if let id {
            actions += ["id:\(id)", "phase:\(1 + maker.choices.below(2))", "pass", "nolog"]
        }
        chain.removeLast(
            maker.choices.below(2) == 1 ? maker.choices.below(chain.count + 1) : chain.count
        )
        for _ in 0..<maker.choices.below(4) where chain.count < 6 {
            chain.append("t:" + maker.choices.one(of: GateMaker.steps))
        }
        actions += chain
        actions.append(maker.choices.one(of: GateMaker.extras))
        if id != nil { actions.append(maker.choices.one(of: GateMaker.flows)) }
        if chains { actions.append("chain") }
        let targets = (0..<1 + maker.choices.below(2)).map { _ in
            maker.choices.one(of: GateMaker.targets)
        }
        let list = actions.filter { !$0.isEmpty }.joined(separator: ",")
        let question = maker.choices.below(8) == 1 ? "!@" : "@"
        return Array("SecRule \(targets.joined(separator: "|")) \"\(question)".utf8) + operation()
            + Array("\"\(list.isEmpty ? "" : " \"\(list)\"")\n".utf8)
    }

    private mutating func operation() -> [UInt8] {
        let part = maker.expression()
        samples.append(part.sample)
        let fixed = maker.choices.below(16)
        if fixed < GateMaker.operators.count {
            samples.append(Array(GateMaker.operators[fixed].sample.utf8))
            return Array(GateMaker.operators[fixed].text.utf8)
        }
        let isLiteral = maker.choices.below(4) == 1
        let name = maker.choices.one(
            of: isLiteral
                ? ["contains", "streq", "beginsWith", "endsWith", "within", "pm", "containsWord"]
                : ["rx", "rx", "rx", "rxGlobal", "verifyCC"]
        )
        let parameter = (isLiteral ? part.sample : part.text).flatMap {
            $0 == 0x22 ? [0x5C, $0] : [$0]
        }
        return Array("\(name) ".utf8) + parameter
    }
}

/// A prefix and two digits.
private func hex(_ prefix: String, _ byte: UInt8) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return Array(prefix.utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
}

extension UInt8 {
    fileprivate var isSmallLetter: Bool { self >= 0x61 && self <= 0x7A }
}

extension GateMaker {
    fileprivate static let targets = [
        "ARGS", "ARGS", "ARGS_NAMES", "ARGS_GET", "ARGS_POST", "REQUEST_COOKIES",
        "REQUEST_COOKIES_NAMES", "REQUEST_HEADERS", "REQUEST_HEADERS:User-Agent",
        "REQUEST_HEADERS_NAMES", "REQUEST_URI", "REQUEST_URI_RAW", "REQUEST_LINE",
        "REQUEST_FILENAME", "REQUEST_BASENAME", "QUERY_STRING", "REQUEST_BODY", "ARGS:a",
        "ARGS:/^[ab]/", "ARGS|!ARGS:a", "MATCHED_VAR", "MATCHED_VARS", "TX:0", "REQUEST_METHOD",
        "FILES", "XML:/*", "ARGS_GET|REQUEST_COOKIES|REQUEST_HEADERS|ARGS_POST",
    ]

    fileprivate static let steps = [
        "none", "lowercase", "uppercase", "urlDecode", "urlDecodeUni", "htmlEntityDecode",
        "jsDecode", "cssDecode", "escapeSeqDecode", "removeNulls", "replaceNulls",
        "removeWhitespace", "compressWhitespace", "trim", "cmdLine", "normalizePath",
        "normalizePathWin", "replaceComments", "removeComments", "removeCommentsChar",
        "sqlHexDecode", "hexDecode", "hexEncode", "base64Encode", "base64Decode", "urlEncode",
        "utf8toUnicode", "length", "sha1", "parityZero7bit", "parityEven7bit", "phpArgsNames",
    ]

    fileprivate static let extras = [
        "", "", "", "capture", "multiMatch", "capture,multiMatch", "setvar:tx.a=+1",
    ]

    fileprivate static let flows = [
        "", "", "", "", "", "skipAfter:END", "ctl:ruleRemoveById=4",
        "ctl:ruleRemoveTargetById=3;ARGS:a", "ctl:ruleRemoveTargetById=5;REQUEST_HEADERS",
    ]

    fileprivate static let operators: [(text: String, sample: String)] = [
        ("validateByteRange 32-126", "\u{1}"), ("validateUtf8Encoding", "\u{E9}"),
        ("validateUrlEncoding", "%zz"), ("detectSQLi", "1' or '1'='1"),
        ("detectXSS", "<script>"), ("verifyCC \\d{13,16}", "4532015112830366"),
    ]
}
