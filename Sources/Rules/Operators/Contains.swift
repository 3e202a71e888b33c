/// `@contains` and `@strmatch`: the parameter stands somewhere in the value.
///
///     SecRule REQUEST_LINE "@contains .php" "id:1,phase:1,pass"
final class Contains: Operator {
    private let parameter: Macro

    init(_ parameter: Macro) { self.parameter = parameter }

    var required: RequiredContent? {
        parameter.constant.flatMap { RequiredContent([$0.array]) }
    }

    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        input.firstRange(of: evaluation.expand(parameter)) != nil
    }
}
