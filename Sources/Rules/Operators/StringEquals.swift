/// `@streq`: the value is the parameter.
///
///     SecRule REQUEST_METHOD "@streq POST" "id:1,phase:1,pass"
final class StringEquals: Operator {
    private let parameter: Macro
    /// The text, if it holds no macro.
    let constant: ByteView?

    init(_ parameter: Macro) {
        self.parameter = parameter
        constant = parameter.constant
    }

    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        input.equals(evaluation.expand(parameter))
    }
}
