/// `@verifySVNR`: an Austrian social security number by its check digit, the fourth of ten.
///
///     SecRule ARGS "@verifySVNR \d{10}" "id:1,phase:2,log"
enum VerifySVNR {
    private static let weights = [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]

    static func isValid(_ text: ByteView) -> Bool {
        guard let digits = text.digits(limit: 10), digits.count == 10, Set(digits).count > 1 else {
            return false
        }
        let sum = zip(digits, weights).reduce(0) { $0 + $1.0 * $1.1 }
        return sum % 11 == digits[3]
    }
}
