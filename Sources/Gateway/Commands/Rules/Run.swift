import ArgumentParser
import Rules

extension RuleTools {
    /// `haniel rules run`
    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run whole requests through rules (JSON lines).",
            discussion: """
                In:  {"rules":["SecRule ..."]|"rules_file":"main.conf","client":{"ip","port"},"server":{"ip","port"},
                      "method","uri","version","headers":[[name,value]],"body","status","response_headers",
                      "response_body","trace":false}
                Out: {"ids","matched","interruption","http_code","score","messages","error_log","audit","tx","trace",
                      "parser_error"}
                """
        )

        func run() throws {
            let service = RunService()
            try LineService { service.answer($0) }.run()
        }
    }
}

/// Answers the lines of `haniel rules run`. Rules are compiled once for each file or text.
final class RunService {
    private enum Compiled {
        case rules(RuleRunner, [Int: RuleDescription])
        case refused(RuleProblem)
    }

    private struct Source: Hashable {
        let text: [UInt8]
        let isFile: Bool
        let isTraced: Bool
    }

    /// Rule sets made from texts; all are forgotten beyond this number.
    private static let compiledLimit = 256

    /// Where texts pretend to stand, so that they find their files; empty for the working directory.
    private let folder: String
    private var compiled: [Source: Compiled] = [:]
    private var requestCount = 0
    /// Ids of requests are digits and a dot, as those of ModSecurity.
    private let startSeconds = MonotonicClock.unixSeconds

    init(folder: String = "") { self.folder = folder.isEmpty ? "" : folder + "/" }

    func answer(_ line: JSONValue) -> JSONValue {
        if let mistake = Self.mistake(in: line) { return .object([("error", .text(mistake))]) }
        let isTraced = line["trace"]?.bool ?? false
        let source: Source
        if let path = line.field("rules_file") {
            source = Source(text: path, isFile: true, isTraced: isTraced)
        } else {
            source = Source(text: Self.text(of: line["rules"]), isFile: false, isTraced: isTraced)
        }
        switch compile(source) {
        case .refused(let problem): return Self.refusal(problem)
        case .rules(let runner, let descriptions):
            requestCount += 1
            let request = RuleRequest(line)
            let id = "\(startSeconds).\(requestCount)"
            let outcome = runner.run(request, uniqueID: id)
            let report = RunReport(
                request: request,
                outcome: outcome,
                descriptions: descriptions,
                uniqueID: id
            )
            let sights = runner.observer.sights
            return report.json(trace: isTraced ? sights.map(RunReport.traceLine) : nil)
        }
    }

    /// What keeps a line from being run as it was meant; nil if nothing does.
    private static func mistake(in line: JSONValue) -> String? {
        guard case .object(let members) = line else { return "the line is no object" }
        if line["rules"] == nil, line.field("rules_file") == nil {
            return "there is neither rules nor rules_file"
        }
        for (key, value) in members {
            if key.hasSuffix("_b64"), value.bytes.flatMap(Base64.decode) == nil {
                return "\(key) is no base64"
            }
            if key == "headers" || key == "response_headers", !RuleRequest.isFieldList(value) {
                return "\(key) is no list of [name, value]"
            }
        }
        return nil
    }

    /// Lines of rules as one text.
    static func text(of rules: JSONValue?) -> [UInt8] {
        guard let lines = rules?.array else { return rules?.bytes ?? [] }
        return Array(lines.compactMap(\.bytes).joined(separator: [0x0A])) + [0x0A]
    }

    private func compile(_ source: Source) -> Compiled {
        if let known = compiled[source] { return known }
        if compiled.count >= Self.compiledLimit { compiled = compiled.filter(\.key.isFile) }
        let options: RuleSetOptions =
            source.isTraced ? [.keepsSource, .runsEveryRule] : [.keepsSource]
        let result: Compiled
        do throws(RuleSetError) {
            let rules =
                source.isFile
                ? try RuleSet.load([String(decoding: source.text, as: UTF8.self)], options)
                : try RuleSet.load(bytes: source.text, name: folder + "rules", options)
            let runner = RuleRunner(
                rules,
                keepsValues: source.isTraced,
                usesGates: !source.isTraced
            )
            result = .rules(runner, rules.descriptionsByID)
        } catch {
            result = Self.refused(error)
        }
        compiled[source] = result
        return result
    }

    private static func refused(_ error: RuleSetError) -> Compiled {
        let place = SourceLocation(file: "rules", line: 1, column: 1)
        return .refused(
            error.problems.first { $0.level == .error } ?? error.problems.first
                ?? RuleProblem(
                    level: .error,
                    code: "unknown",
                    message: "the rules were refused",
                    location: place
                )
        )
    }

    private static func refusal(_ problem: RuleProblem) -> JSONValue {
        .object([
            ("ids", .array([])), ("matched", .array([])), ("interruption", .null),
            ("http_code", .integer(0)),
            ("score", .object([("in", .integer(0)), ("out", .integer(0))])),
            ("messages", .array([])), ("error_log", .array([])), ("audit", .null), ("tx", .null),
            ("trace", .null),
            (
                "parser_error",
                .object([
                    ("file", .text(problem.location.file)),
                    ("line", .integer(problem.location.line)),
                    ("column", .integer(problem.location.column)),
                    (
                        "text",
                        .text(problem.message + (problem.hint.isEmpty ? "" : "; \(problem.hint)"))
                    ),
                    ("code", .text(problem.code)),
                ])
            ),
        ])
    }
}

extension RuleSet {
    /// What is known about each rule, chains under the ids of their heads.
    var descriptionsByID: [Int: RuleDescription] {
        Dictionary(descriptions.map { ($0.id, $0) }) { first, _ in first }
    }
}
