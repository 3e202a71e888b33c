/// What a stage of a regression test wants.
struct RegressionExpectation: Sendable {
    /// What happened in a stage.
    struct Observation {
        /// Nil if no answer came.
        let status: Int?
        let responseText: String
        let ids: [Int]
        /// Log lines; nil where the log cannot be seen.
        let lines: [String]?
    }

    private let status: Int?
    private let responsePattern: String?
    private let ids: [Int]
    private let absentIDs: [Int]
    private let logPattern: String?
    private let absentLogPattern: String?
    private let isErrorExpected: Bool
    private let isIsolated: Bool

    init(_ output: JSONValue) {
        let log = output["log"] ?? .null
        status = output["status"]?.integer
        responsePattern = output["response_contains"]?.text
        ids = (log["expect_ids"]?.array ?? []).compactMap(\.integer)
        absentIDs = (log["no_expect_ids"]?.array ?? []).compactMap(\.integer)
        logPattern = log["match_regex"]?.text ?? (ids.isEmpty ? output["log_contains"]?.text : nil)
        absentLogPattern =
            log["no_match_regex"]?.text
            ?? (absentIDs.isEmpty ? output["no_log_contains"]?.text : nil)
        isErrorExpected = Self.flag(output["expect_error"])
        isIsolated = Self.flag(output["isolated"])
    }

    static func flag(_ value: JSONValue?) -> Bool {
        ["true", "yes", "on", "1"].contains(value?.text?.lowercased() ?? "")
    }

    /// What is wrong; empty if nothing is.
    func failures(of seen: Observation) -> [String] {
        guard let found = seen.status else { return isErrorExpected ? [] : ["no answer"] }
        if isErrorExpected { return ["expected no answer, got \(found)"] }
        var reasons: [String] = []
        if let status, status != found { reasons.append("status \(found), expected \(status)") }
        if let responsePattern, !Self.contains(responsePattern, seen.responseText) {
            reasons.append("the answer lacks /\(responsePattern)/")
        }
        let missing = ids.filter { !seen.ids.contains($0) }
        if !missing.isEmpty { reasons.append("missing \(Self.list(missing))") }
        let unwanted = absentIDs.filter(seen.ids.contains)
        if !unwanted.isEmpty { reasons.append("unwanted \(Self.list(unwanted))") }
        if isIsolated, Set(seen.ids).count != 1 {
            reasons.append("not isolated: \(Self.list(seen.ids))")
        }
        return reasons + logFailures(seen)
    }

    private func logFailures(_ seen: Observation) -> [String] {
        var reasons: [String] = []
        if let logPattern, let lines = seen.lines,
            !lines.contains(where: { Self.contains(logPattern, $0) })
        {
            reasons.append("the log lacks /\(logPattern)/")
        }
        let lines = seen.lines ?? seen.ids.map { "[id \"\($0)\"]" }
        if let absentLogPattern, lines.contains(where: { Self.contains(absentLogPattern, $0) }) {
            reasons.append("the log has /\(absentLogPattern)/")
        }
        return reasons
    }

    private static func contains(_ pattern: String, _ text: String) -> Bool {
        guard let regex = try? Regex(pattern) else { return false }
        return text.firstMatch(of: regex) != nil
    }

    private static func list(_ ids: [Int]) -> String {
        ids.map(String.init).joined(separator: ", ")
    }
}
