import Foundation

@testable import Gateway

/// What a published scenario wants of the answer; only what it names is checked.
struct ScenarioExpectation {
    private let expected: JSONValue

    init(_ expected: JSONValue?) { self.expected = expected ?? .object([]) }

    /// What is wrong with an answer; nil if nothing is.
    func failure(of answer: JSONValue) -> String? {
        let isRefused = answer["parser_error"]?.isNull == false
        if isRefused != (expected["parser_error"]?.bool ?? false) {
            return isRefused
                ? "refused: \(EngineCases.latin(answer["parser_error"]?["text"]))" : "accepted"
        }
        if isRefused { return nil }
        return status(answer) ?? interruption(answer) ?? ids(answer) ?? messages(answer)
            ?? patterns("error_log", answer) ?? patterns("trace", answer)
    }

    private func status(_ answer: JSONValue) -> String? {
        guard let wanted = expected["http_code"]?.integer else { return nil }
        let found = answer["http_code"]?.integer ?? 0
        return found == wanted ? nil : "status \(found), not \(wanted)"
    }

    private func interruption(_ answer: JSONValue) -> String? {
        guard let wanted = expected["interruption"], let found = answer["interruption"] else {
            return nil
        }
        if wanted.isNull { return found.isNull ? nil : "interrupted" }
        guard case .object(let members) = wanted else { return nil }
        for (key, value) in members where EngineCases.latin(found[key]) != EngineCases.latin(value) {
            return "interruption: \(key) is \(EngineCases.latin(found[key]))"
        }
        return nil
    }

    private func ids(_ answer: JSONValue) -> String? {
        func numbers(_ value: JSONValue?) -> [Int] { (value?.array ?? []).compactMap(\.integer) }
        let logged = numbers(answer["ids"])
        let matched = numbers(answer["matched"])
        for id in numbers(expected["logged"]) where !logged.contains(id) {
            return "\(id) is not logged"
        }
        for id in numbers(expected["not_logged"]) where logged.contains(id) {
            return "\(id) is logged"
        }
        for id in numbers(expected["matched"]) where !matched.contains(id) {
            return "\(id) does not match"
        }
        for id in numbers(expected["not_matched"]) where matched.contains(id) {
            return "\(id) matches"
        }
        return nil
    }

    private func messages(_ answer: JSONValue) -> String? {
        for wanted in expected["messages"]?.array ?? [] {
            guard case .object(let members) = wanted else { continue }
            let isThere = (answer["messages"]?.array ?? []).contains { message in
                members.allSatisfy {
                    EngineCases.latin(message[$0.key]) == EngineCases.latin($0.value)
                }
            }
            if !isThere {
                return "no message \(EngineCases.latin(wanted["msg"] ?? wanted["data"]))"
            }
        }
        return nil
    }

    private func patterns(_ key: String, _ answer: JSONValue) -> String? {
        let lines = (answer[key]?.array ?? []).map { EngineCases.latin($0) }
        let wanted = expected[key]?.array ?? expected[key].map { [$0] } ?? []
        for pattern in wanted.map({ EngineCases.latin($0) }) {
            guard let regex = try? NSRegularExpression(pattern: pattern) else {
                return "the pattern \(pattern) does not compile"
            }
            let isThere = lines.contains {
                regex.firstMatch(in: $0, range: NSRange($0.startIndex..., in: $0)) != nil
            }
            if !isThere { return "no line of \(key) matches \(pattern)" }
        }
        return nil
    }
}
