import ArgumentParser
import Rules

extension RuleTools {
    /// `haniel rules eval-operator`
    struct EvalOperator: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "eval-operator",
            abstract: "Answer whether operators match (JSON lines).",
            discussion: """
                In:  {"name":"rx","param":"^a","input":"abc","negated":false,"capture":true,"file_root":"dir"}
                Out: {"ret":1,"groups":["a"],"error":null}
                """
        )

        func run() throws {
            let probe = try RuleProbe()
            try LineService { Self.answer($0, probe) }.run()
        }

        static func answer(_ line: JSONValue, _ probe: RuleProbe) -> JSONValue {
            do throws(RuleProbe.Failure) {
                guard let name = line["name"]?.text else { throw .init(message: "no name") }
                guard let input = line.field("input") else { throw .init(message: "no input") }
                let answer = try probe.evaluate(
                    operator: name.hasPrefix("@") ? String(name.dropFirst()) : name,
                    parameter: line.field("param") ?? [],
                    input: input,
                    isNegated: line["negated"]?.bool ?? false,
                    isCapturing: line["capture"]?.bool ?? true,
                    folder: line["file_root"]?.text ?? ""
                )
                return .object([
                    ("ret", .integer(answer.isMatch ? 1 : 0)),
                    ("groups", .array(answer.groups.map(JSONValue.bytes))), ("error", .null),
                ])
            } catch {
                return .object([
                    ("ret", .null), ("groups", .null), ("error", .text(error.message)),
                ])
            }
        }
    }

    /// `haniel rules eval-transformation`
    struct EvalTransformation: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "eval-transformation",
            abstract: "Answer what transformations make of values (JSON lines).",
            discussion: """
                In:  {"name":"cssDecode","input":"..."} or {"chain":["urlDecodeUni","lowercase"],"input":"..."}
                Out: {"ret":1,"output":"...","error":null}; ret says whether anything changed
                """
        )

        func run() throws {
            let probe = try RuleProbe()
            try LineService { Self.answer($0, probe) }.run()
        }

        static func answer(_ line: JSONValue, _ probe: RuleProbe) -> JSONValue {
            do throws(RuleProbe.Failure) {
                guard let input = line.field("input") else { throw .init(message: "no input") }
                let chain = line["chain"]?.array ?? line["name"].map { [$0] }
                guard let names = chain?.compactMap(\.text), !names.isEmpty else {
                    throw .init(message: "neither name nor chain")
                }
                let output = try probe.transform(
                    names.map { $0.hasPrefix("t:") ? String($0.dropFirst(2)) : $0 },
                    input: input
                )
                return .object([
                    ("ret", .integer(output == input ? 0 : 1)), ("output", .bytes(output)),
                    ("error", .null),
                ])
            } catch {
                return .object([
                    ("ret", .null), ("output", .null), ("error", .text(error.message)),
                ])
            }
        }
    }

    /// `haniel rules eval-libinjection`
    struct EvalLibinjection: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "eval-libinjection",
            abstract: "Answer what the detectors for SQL and script say (JSON lines).",
            discussion: """
                In:  {"kind":"sqli","input":"..."}; kind may be xss
                Out: {"hit":true,"fingerprint":"..."}
                """
        )

        func run() throws {
            let probe = try RuleProbe()
            try LineService { Self.answer($0, probe) }.run()
        }

        static func answer(_ line: JSONValue, _ probe: RuleProbe) -> JSONValue {
            do throws(RuleProbe.Failure) {
                guard let kind = line["kind"]?.text.flatMap({ RuleProbe.Attack(rawValue: $0) })
                else {
                    throw .init(message: "kind is sqli or xss")
                }
                guard let input = line.field("input") else { throw .init(message: "no input") }
                let detection = try probe.detect(kind, input: input)
                let fingerprint: JSONValue = kind == .xss ? .null : .text(detection.fingerprint)
                return .object([("hit", .bool(detection.isHit)), ("fingerprint", fingerprint)])
            } catch {
                return .object([
                    ("hit", .null), ("fingerprint", .null), ("error", .text(error.message)),
                ])
            }
        }
    }
}
