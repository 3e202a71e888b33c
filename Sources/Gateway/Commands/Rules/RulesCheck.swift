import ArgumentParser
import Glibc
import Rules

extension RuleTools {
    /// `haniel rules check`
    struct CheckRules: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Check rule files: every mistake and every doubt at once.",
            discussion: """
                The files are read in order as one rule set, as serve does; a folder stands for its *.conf files. \
                An error refuses the set, a warning loads it. Ends with status 1 if there is an error, or a warning \
                with --deny-warnings.
                """
        )

        @Argument(help: ArgumentHelp("Rule files, folders or globs.", valueName: "path"))
        var paths: [String]

        @Option(
            name: .long,
            help:
                "text (default on a terminal), json (a line each; default elsewhere), github or sarif."
        )
        var format: FindingFormat?

        @Flag(name: .long, help: "Let warnings fail too, for continuous integration.")
        var denyWarnings = false

        @Flag(
            name: .long,
            help: "Add what each rule costs: literals, linear matching, machine code."
        )
        var cost = false

        func run() throws {
            let check = RuleCheck(RulePaths.expanded(paths))
            let format = format ?? .standard
            try StandardOutput.write(format.text(check.problems))
            if cost { try StandardOutput.write(Self.costs(check, format)) }
            if format == .text {
                try StandardOutput.write(Self.summary(check))
            }
            let fails = check.problems.contains { $0.level == .error || denyWarnings }
            if fails { throw ExitCode.failure }
        }

        private static func summary(_ check: RuleCheck) -> String {
            func counted(_ count: Int, _ noun: String) -> String {
                "\(count) \(noun)\(count == 1 ? "" : "s")"
            }
            let errors = check.problems.count { $0.level == .error }
            let warnings = check.problems.count - errors
            return "\(counted(check.ruleCount, "rule")): \(counted(errors, "error")), "
                + "\(counted(warnings, "warning"))\n"
        }

        private static func costs(_ check: RuleCheck, _ format: FindingFormat) -> String {
            if format != .text {
                return check.costs.map { cost in
                    let members: [(key: String, value: JSONValue)] = [
                        ("rule", .integer(cost.id)), ("operator", .text(cost.operatorName)),
                        ("literals", .integer(cost.literalCount)),
                        ("linear", .bool(cost.backtracking.isEmpty)), ("jit", .bool(cost.isJIT)),
                    ]
                    return String(decoding: JSONValue.object(members).line, as: UTF8.self) + "\n"
                }.joined()
            }
            let ungated = check.costs.filter { cost in
                ["rx", "pm", "pmFromFile", "pmf", "rxGlobal"].contains(cost.operatorName)
                    && cost.literalCount == 0
            }
            let lines = ungated.map { cost in
                "\(cost.location): note: rule \(cost.id) holds no literal and is tried on every value"
                    + (cost.backtracking.isEmpty ? "" : "; \(cost.backtracking)") + "\n"
            }
            return lines.joined()
        }
    }
}

/// Paths of rule files as people write them.
enum RulePaths {
    /// Folders become the rule files in them.
    static func expanded(_ paths: [String]) -> [String] {
        paths.map { isFolder($0) ? "\($0)/*.conf" : $0 }
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}

/// How findings are written.
enum FindingFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json, github, sarif

    /// Text for people, JSON for programs.
    static var standard: FindingFormat { isatty(STDOUT_FILENO) == 1 ? .text : .json }

    func text(_ problems: [RuleProblem]) -> String {
        switch self {
        case .text: problems.map(FindingText.paragraph).joined()
        case .json: problems.map { String(decoding: $0.json.line, as: UTF8.self) + "\n" }.joined()
        case .github: problems.map(FindingText.annotation).joined()
        case .sarif: String(decoding: SARIF.document(problems).line(.utf8), as: UTF8.self) + "\n"
        }
    }
}

extension RuleProblem {
    fileprivate var json: JSONValue {
        .object([
            ("file", .text(location.file)), ("line", .integer(location.line)),
            ("column", .integer(location.column)), ("severity", .text(level.rawValue)),
            ("code", .text(code)), ("text", .text(message)),
            ("hint", hint.isEmpty ? .null : .text(hint)), ("source", .text(sourceLine)),
        ])
    }
}

/// Findings for people and for GitHub.
enum FindingText {
    /// Rules can be very long; so much of a line is shown around the caret.
    private static let shownColumns = 100

    /// The place and the message, the line with a caret, the hint.
    static func paragraph(_ problem: RuleProblem) -> String {
        var text = "\(problem.location): \(problem.level): \(problem.message) [\(problem.code)]\n"
        if !problem.sourceLine.isEmpty {
            let (line, caret) = excerpt(problem.sourceLine, column: problem.location.column)
            let number = "\(problem.location.line)"
            text += "  \(number) | \(line)\n"
            text += "  \(String(repeating: " ", count: number.count)) | \(caret)^\n"
        }
        if !problem.hint.isEmpty { text += "  hint: \(problem.hint)\n" }
        return text
    }

    private static func excerpt(_ line: String, column: Int) -> (String, String) {
        let characters = Array(line.unicodeScalars)
        let caret = min(max(column - 1, 0), characters.count)
        let start = caret > shownColumns - 20 ? caret - shownColumns / 2 : 0
        let end = min(characters.count, start + shownColumns)
        let before = start > 0 ? "…" : ""
        let shown = String(String.UnicodeScalarView(characters[start..<end]))
        // A tab before the caret stays a tab, so that the caret stands right on every terminal.
        let indent = characters[start..<caret].map { $0 == "\t" ? "\t" : " " }.joined()
        return (
            before + shown + (end < characters.count ? "…" : ""), (start > 0 ? " " : "") + indent
        )
    }

    static func annotation(_ problem: RuleProblem) -> String {
        let message = problem.hint.isEmpty ? problem.message : "\(problem.message); \(problem.hint)"
        let place = problem.location
        return "::\(problem.level) file=\(escaped(place.file, true)),line=\(place.line),"
            + "col=\(place.column),title=\(problem.code)::\(escaped(message, false))\n"
    }

    private static func escaped(_ text: String, _ isProperty: Bool) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "%": escaped += "%25"
            case "\r": escaped += "%0D"
            case "\n": escaped += "%0A"
            case ":" where isProperty: escaped += "%3A"
            case "," where isProperty: escaped += "%2C"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}

/// Findings as SARIF 2.1.0, which code hosts and editors read.
enum SARIF {
    static func document(_ problems: [RuleProblem]) -> JSONValue {
        let codes = Set(problems.map(\.code)).sorted()
        let driver = JSONValue.object([
            ("name", .text("haniel rules check")), ("version", .text(Version.number)),
            ("rules", .array(codes.map { .object([("id", .text($0))]) })),
        ])
        let run = JSONValue.object([
            ("tool", .object([("driver", driver)])), ("columnKind", .text("unicodeCodePoints")),
            ("results", .array(problems.map(result))),
        ])
        return .object([
            ("$schema", .text("https://json.schemastore.org/sarif-2.1.0.json")),
            ("version", .text("2.1.0")), ("runs", .array([run])),
        ])
    }

    private static func uri(_ path: String) -> String {
        path.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: return String(UnicodeScalar(byte))
            case _ where "/-._~".utf8.contains(byte): return String(UnicodeScalar(byte))
            default: return "%" + String(Int(byte) | 0x100, radix: 16, uppercase: true).suffix(2)
            }
        }.joined()
    }

    private static func result(_ problem: RuleProblem) -> JSONValue {
        let text = problem.hint.isEmpty ? problem.message : "\(problem.message); \(problem.hint)"
        let before = Array(problem.sourceLine.utf8.prefix(max(problem.location.column - 1, 0)))
        let region = JSONValue.object([
            ("startLine", .integer(problem.location.line)),
            (
                "startColumn",
                .integer(String(decoding: before, as: UTF8.self).unicodeScalars.count + 1)
            ),
            ("snippet", .object([("text", .text(problem.sourceLine))])),
        ])
        let place = JSONValue.object([
            ("artifactLocation", .object([("uri", .text(uri(problem.location.file)))])),
            ("region", region),
        ])
        return .object([
            ("ruleId", .text(problem.code)), ("level", .text(problem.level.rawValue)),
            ("message", .object([("text", .text(text))])),
            ("locations", .array([.object([("physicalLocation", place)])])),
        ])
    }
}
