/// What a rule asks about a value. Immutable and shared by all workers.
protocol Operator: AnyObject, Sendable {
    /// Literals without which no value matches; nil if unknown.
    var requiredLiterals: RequiredLiterals? { get }

    /// Kinds of bytes without which no value matches.
    var requiredKinds: RequiredKinds { get }

    /// Whether `input` matches. Operators that capture leave their groups in the evaluation.
    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool

    /// Makes a worker's scratch large enough.
    func prepare(_ scratch: ScanScratch)
}

extension Operator {
    var requiredLiterals: RequiredLiterals? { nil }
    var requiredKinds: RequiredKinds { .none }
    func prepare(_ scratch: ScanScratch) {}
}

/// Why an operator's parameter was refused.
struct ParameterError: Error {
    let message: String
    /// Where in the parameter.
    var offset = 0
}
