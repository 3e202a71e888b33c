/// `@beginsWith`: the value begins with the parameter.
///
///     SecRule REQUEST_LINE "@beginsWith GET" "id:1,phase:1,pass"
final class BeginsWith: Operator {
    private let parameter: Macro

    init(_ parameter: Macro) { self.parameter = parameter }

    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        input.starts(with: evaluation.expand(parameter))
    }
}
