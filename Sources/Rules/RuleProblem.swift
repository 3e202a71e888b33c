/// Something wrong with a rule file.
public struct RuleProblem: Sendable, Equatable, CustomStringConvertible {
    public enum Level: String, Sendable {
        /// The rule set is refused.
        case error
        /// The rule set is loaded, and the author should know.
        case warning
    }

    public let level: Level
    /// A stable word for the kind of problem, such as `unknown-operator`.
    public let code: String
    public let message: String
    /// What to write instead; empty if nothing better is known.
    public let hint: String
    public let location: SourceLocation
    /// The line of the file the problem stands in.
    public let sourceLine: String

    package init(
        level: Level,
        code: String,
        message: String,
        hint: String = "",
        location: SourceLocation,
        sourceLine: String = ""
    ) {
        self.level = level
        self.code = code
        self.message = message
        self.hint = hint
        self.location = location
        self.sourceLine = sourceLine
    }

    func with(hint: String) -> RuleProblem {
        RuleProblem(
            level: level,
            code: code,
            message: message,
            hint: hint,
            location: location,
            sourceLine: sourceLine
        )
    }

    /// The problem as a compiler would print it: place, message, source line with a caret, hint.
    public var description: String {
        var text = "\(location): \(level.rawValue): \(message) [\(code)]"
        if !sourceLine.isEmpty {
            text +=
                "\n    \(sourceLine)\n    \(String(repeating: " ", count: max(location.column - 1, 0)))^"
        }
        if !hint.isEmpty { text += "\n    hint: \(hint)" }
        return text
    }
}

/// A place in a rule file; line and column count from 1.
public struct SourceLocation: Sendable, Equatable, CustomStringConvertible {
    public let file: String
    public let line: Int
    public let column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    public var description: String { "\(file):\(line):\(column)" }
}

/// Why a rule set was refused: every problem of every file, in reading order.
public struct RuleSetError: Error, Sendable, CustomStringConvertible {
    /// Errors and warnings; at least one of them is an error.
    public let problems: [RuleProblem]

    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
