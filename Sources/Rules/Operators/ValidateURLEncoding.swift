/// `@validateUrlEncoding`: the value holds a `%` without two hexadecimal digits.
///
///     SecRule REQUEST_URI_RAW "@validateUrlEncoding" "id:1,phase:1,deny"
final class ValidateURLEncoding: Operator {
    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        var index = 0
        while let found = input.firstIndex(of: 0x25, from: index) {
            if input.hexPair(at: found + 1) == nil { return true }
            index = found + 3
        }
        return false
    }
}
