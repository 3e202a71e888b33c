/// The `@verify…` operators: an expression finds candidates, and one of them has right check digits.
///
///     SecRule ARGS "@verifyCC \d{13,16}" "id:1,phase:2,pass,capture"
final class VerifiedNumber: Operator {
    private let pattern: Pattern
    private let isValid: @Sendable (ByteView) -> Bool
    let required: RequiredContent?

    init(_ expression: [UInt8], _ isValid: @escaping @Sendable (ByteView) -> Bool)
        throws(ParameterError)
    {
        pattern = try Pattern(parameter: expression)
        self.isValid = isValid
        required = RequiredContent(expression: expression)
    }

    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        var start = 0
        while let whole = evaluation.match(pattern, input, from: start) {
            if isValid(input[whole]) {
                if evaluation.isCapturing {
                    evaluation.clearCaptures()
                    evaluation.setCapture(0, input[whole])
                }
                return true
            }
            start = whole.lowerBound + 1
        }
        return false
    }
}

extension ByteView {
    /// The decimal digits of the view, at most `limit`; nil if there are more.
    func digits(limit: Int) -> [Int]? {
        var digits: [Int] = []
        for index in 0..<count {
            guard let digit = self[index].decimalDigit else { continue }
            if digits.count == limit { return nil }
            digits.append(digit)
        }
        return digits
    }
}
