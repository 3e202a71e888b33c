/// `@validateUtf8Encoding`: the value is not well-formed UTF-8 (RFC 3629).
///
///     SecRule ARGS "@validateUtf8Encoding" "id:1,phase:2,deny"
final class ValidateUTF8Encoding: Operator {
    /// ASCII is well-formed.
    let required = RequiredContent((0x80...0xFF as ClosedRange<UInt8>).map { [$0] })

    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        var index = 0
        while index < input.count {
            guard let (_, length) = input.utf8Scalar(at: index) else { return true }
            index += length
        }
        return false
    }
}
