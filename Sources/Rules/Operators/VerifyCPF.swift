/// `@verifyCPF`: a Brazilian taxpayer number by its two check digits.
///
///     SecRule ARGS "@verifyCPF \d{11}" "id:1,phase:2,log"
enum VerifyCPF {
    static func isValid(_ text: ByteView) -> Bool {
        guard let digits = text.digits(limit: 11), digits.count == 11, Set(digits).count > 1 else {
            return false
        }
        return check(digits, length: 9) == digits[9] && check(digits, length: 10) == digits[10]
    }

    private static func check(_ digits: [Int], length: Int) -> Int {
        var sum = 0
        for index in 0..<length { sum += digits[index] * (length + 1 - index) }
        let rest = sum % 11
        return rest < 2 ? 0 : 11 - rest
    }
}
