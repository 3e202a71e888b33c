/// `@validateNid`: a national identity number: `cl` Chile, `us` United States, and an expression that finds candidates.
///
///     SecRule ARGS "@validateNid cl \d+-[\dkK]" "id:1,phase:2,log"
final class ValidateNid: Operator {
    private let numbers: VerifiedNumber

    init(_ text: [UInt8]) throws(ParameterError) {
        let space = text.firstIndex(where: \.isWhitespace) ?? text.count
        let expression = Array(text[space...].drop(while: \.isWhitespace))
        switch String(decoding: text[..<space], as: UTF8.self).lowercased() {
        case "cl": numbers = try VerifiedNumber(expression, ValidateNid.isChilean)
        case "us": numbers = try VerifiedNumber(expression, VerifySSN.isValid)
        default: throw ParameterError(message: "the first word names the country: cl or us")
        }
    }

    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        numbers.matches(input, &evaluation)
    }

    /// The check digit is a weighted sum modulo 11, with k for 10.
    @Sendable private static func isChilean(_ text: ByteView) -> Bool {
        let bytes = text.array.map(\.foldedCase).filter { $0.isDigit || $0 == UInt8(ascii: "k") }
        guard bytes.count >= 8, bytes.count <= 12, let check = bytes.last else { return false }
        var sum = 0
        for (place, byte) in bytes.dropLast().reversed().enumerated() {
            guard let digit = byte.decimalDigit else { return false }
            sum += digit * (place % 6 + 2)
        }
        let expected = 11 - sum % 11
        return check
            == (expected == 11
                ? UInt8(ascii: "0") : expected == 10 ? UInt8(ascii: "k") : UInt8(expected + 0x30))
    }
}
