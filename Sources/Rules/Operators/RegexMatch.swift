/// `@rx`: a regular expression matches somewhere in the value; `capture` keeps its groups in TX.0 to TX.9.
///
///     SecRule ARGS "@rx (?i)union\s+select" "id:1,phase:2,deny,capture"
final class RegexMatch: Operator {
    let pattern: Pattern
    let required: RequiredContent?

    init(_ expression: [UInt8]) throws(ParameterError) {
        pattern = try Pattern(parameter: expression)
        required = RequiredContent(expression: expression)
    }

    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        guard evaluation.search(pattern, input) else { return false }
        if evaluation.isCapturing { evaluation.captureGroups(of: input) }
        return true
    }
}
