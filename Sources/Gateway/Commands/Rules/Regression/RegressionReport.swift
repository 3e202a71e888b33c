/// How the results of regression tests are written.
enum RegressionFormat: String, CaseIterable {
    case text, junit, tap, github, json
}

/// The results of a run.
struct RegressionReport {
    let results: [RegressionRunner.Result]
    let seconds: Double

    var failures: [RegressionRunner.Result] { results.filter { !$0.reasons.isEmpty } }

    func text(_ format: RegressionFormat) -> String {
        switch format {
        case .text: plain
        case .junit: junit
        case .tap: tap
        case .github: github
        case .json: json
        }
    }

    private var plain: String {
        var text = failures.map { "FAIL \($0.test.id)  \($0.reasons.joined(separator: "; "))\n" }
            .joined()
        let tenths = Int((seconds * 100).rounded())
        let time = "\(tenths / 100).\(tenths % 100 < 10 ? "0" : "")\(tenths % 100)"
        text += "\(results.count) tests: \(results.count - failures.count) passed, "
        return text + "\(failures.count) failed, in \(time) s\n"
    }

    private var tap: String {
        var text = "TAP version 14\n1..\(results.count)\n"
        for (index, result) in results.enumerated() {
            let isFailed = !result.reasons.isEmpty
            text += "\(isFailed ? "not ok" : "ok") \(index + 1) - \(result.test.id)\n"
            for reason in result.reasons { text += "# \(reason)\n" }
        }
        return text
    }

    private var github: String {
        failures.map { result in
            "::error file=\(result.test.file),title=\(result.test.id)::"
                + result.reasons.joined(separator: "; ").replacing("%", with: "%25") + "\n"
        }.joined() + plain
    }

    private var junit: String {
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        text += "<testsuite name=\"haniel rules test\" tests=\"\(results.count)\" "
        text += "failures=\"\(failures.count)\" time=\"\(seconds)\">\n"
        for result in results {
            let seconds = Double(result.nanoseconds) / 1e9
            text += "  <testcase classname=\"\(Self.escaped(result.test.file))\" "
            text += "name=\"\(Self.escaped(result.test.id))\" time=\"\(seconds)\""
            if result.reasons.isEmpty {
                text += "/>\n"
            } else {
                let reasons = Self.escaped(result.reasons.joined(separator: "; "))
                text += ">\n    <failure message=\"\(reasons)\"/>\n  </testcase>\n"
            }
        }
        return text + "</testsuite>\n"
    }

    private var json: String {
        results.map { result in
            let line = JSONValue.object([
                ("id", .text(result.test.id)), ("file", .text(result.test.file)),
                ("result", .text(result.reasons.isEmpty ? "pass" : "fail")),
                ("reasons", .array(result.reasons.map(JSONValue.text))),
                ("ids", .array(result.ids.map(JSONValue.integer))),
                ("microseconds", .integer(Int(result.nanoseconds / 1_000))),
            ])
            return String(decoding: line.line(.utf8), as: UTF8.self) + "\n"
        }.joined()
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case "\"": escaped += "&quot;"
            case "\u{20}"...: escaped.unicodeScalars.append(character)
            default: escaped += "?"
            }
        }
        return escaped
    }
}
