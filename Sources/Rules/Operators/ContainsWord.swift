/// `@containsWord`: the parameter stands in the value, with no word character beside it.
///
///     SecRule ARGS "@containsWord select" "id:1,phase:2,pass"
final class ContainsWord: Operator {
    private let parameter: Macro

    init(_ parameter: Macro) { self.parameter = parameter }

    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        let word = evaluation.expand(parameter)
        if word.isEmpty { return true }
        var start = 0
        while let found = input.firstRange(of: word, from: start) {
            let before = input.at(found - 1)?.isWordByte ?? false
            let after = input.at(found + word.count)?.isWordByte ?? false
            if !before && !after { return true }
            start = found + 1
        }
        return false
    }
}
