/// Something wrong in a configuration, said so that its author can repair it without opening a manual.
struct Problem: Sendable, Equatable, Error {
    /// Whether the configuration may be used nevertheless.
    enum Severity: String, Sendable {
        case error
        case warning
    }

    var severity = Severity.error
    var code: ProblemCode
    /// What is wrong, naming what was expected and what was found.
    var message: String
    /// Where it stands.
    var place: Place
    /// What to do about it.
    var hint: String?

    /// Where and what, in one line.
    var line: String {
        switch place {
        case .source(let span): "\(span.file):\(span.line):\(span.column): \(message)"
        case .flag(let name): "\(name): \(message)"
        case .file(let file): "\(file): \(message)"
        }
    }

    /// Where a problem stands.
    enum Place: Sendable, Equatable {
        case source(SourceSpan)
        case flag(String)
        case file(String)
    }
}

/// A value that does not fit its key; the reader adds where it stands.
struct Misfit: Error, Equatable {
    var code = ProblemCode.badValue
    /// What the key wants, such as `a duration with a unit, such as 30s`.
    var expected: String
    var hint: String?
}

/// A stretch of one line of a file.
struct SourceSpan: Sendable, Hashable {
    var file: String
    /// Line, from 1.
    var line: Int
    /// Column in Unicode scalars, from 1.
    var column: Int
    /// Length in Unicode scalars, at least 1.
    var length: Int
}
