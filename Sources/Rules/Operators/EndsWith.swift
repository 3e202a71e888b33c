/// `@endsWith`: the value ends with the parameter.
///
///     SecRule REQUEST_HEADERS:Referer "@endsWith %{request_headers.host}" "id:1,phase:1,pass"
final class EndsWith: Operator {
    private let parameter: Macro

    init(_ parameter: Macro) { self.parameter = parameter }

    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        let end = evaluation.expand(parameter)
        return input.starts(with: end, at: input.count - end.count)
    }
}
