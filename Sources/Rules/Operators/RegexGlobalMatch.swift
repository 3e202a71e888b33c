/// `@rxGlobal`: like `@rx`; `capture` keeps the groups of every match in turn, as far as TX.9.
///
///     SecRule ARGS "@rxGlobal (\d+)" "id:1,phase:2,pass,capture"
final class RegexGlobalMatch: Operator {
    private let pattern: Pattern
    let required: RequiredContent?

    init(_ expression: [UInt8]) throws(ParameterError) {
        pattern = try Pattern(parameter: expression)
        required = RequiredContent(expression: expression)
    }

    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        guard evaluation.search(pattern, input) else { return false }
        if !evaluation.isCapturing { return true }
        evaluation.clearCaptures()
        let matcher = evaluation.workspace.matcher
        var next = 0
        var start = 0
        while next < Matcher.groupLimit,
            let whole = evaluation.match(pattern, input, from: start)
        {
            if !whole.isEmpty || input.isEmpty {
                for group in 0...pattern.groupCount where next < Matcher.groupLimit {
                    if let range = matcher.group(group) {
                        evaluation.setCapture(next, input[range])
                    }
                    next += 1
                }
            }
            start = max(whole.upperBound, start + (whole.isEmpty ? 1 : 0))
        }
        return true
    }
}
