/// What a rule asks about a value. Immutable and shared by all workers.
protocol Operator: AnyObject, Sendable {
    /// What every value holds that matches; nil if unknown.
    var required: RequiredContent? { get }

    /// Whether `input` matches. Operators that capture leave their groups in the evaluation.
    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool

    /// Makes a worker's scratch large enough.
    func prepare(_ scratch: ScanScratch)
}

extension Operator {
    var required: RequiredContent? { nil }
    func prepare(_ scratch: ScanScratch) {}
}

extension Pattern {
    /// The expression that is an operator's parameter.
    convenience init(parameter expression: [UInt8]) throws(ParameterError) {
        do {
            try self.init(expression)
        } catch {
            throw ParameterError(
                message: "the expression does not compile: \(error.message)",
                offset: error.offset
            )
        }
    }
}

/// Why an operator's parameter was refused.
struct ParameterError: Error {
    let message: String
    /// Where in the parameter.
    var offset = 0
}
