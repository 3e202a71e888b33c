/// `@verifyCC`: a credit card number by its check digit (Luhn).
///
///     SecRule RESPONSE_BODY "@verifyCC \d{13,16}" "id:1,phase:4,log"
enum VerifyCC {
    static func isValid(_ text: ByteView) -> Bool {
        guard let digits = text.digits(limit: 32), !digits.isEmpty else { return false }
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let doubled = digit * 2
            sum += place % 2 == 0 ? digit : doubled > 9 ? doubled - 9 : doubled
        }
        return sum % 10 == 0
    }
}
