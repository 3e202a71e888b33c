/// `@within`: the value stands somewhere in the parameter.
///
///     SecRule REQUEST_METHOD "!@within %{tx.allowed_methods}" "id:1,phase:1,deny"
final class Within: Operator {
    private let parameter: Macro
    /// The text, if it holds no macro.
    let constant: ByteView?

    init(_ parameter: Macro) {
        self.parameter = parameter
        constant = parameter.constant
    }

    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        evaluation.expand(parameter).firstRange(of: input) != nil
    }
}
