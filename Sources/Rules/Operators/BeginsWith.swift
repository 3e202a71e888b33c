/// `@beginsWith`: the value begins with the parameter.
///
///     SecRule REQUEST_LINE "@beginsWith GET" "id:1,phase:1,pass"
final class BeginsWith: Operator {
    private let parameter: Macro

    init(_ parameter: Macro) { self.parameter = parameter }

    func matches(_ input: ByteView, _ transaction: Transaction) -> Bool {
        input.starts(with: transaction.expand(parameter))
    }
}
