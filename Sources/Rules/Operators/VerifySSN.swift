/// `@verifySSN`: a US social security number that can have been issued.
///
///     SecRule ARGS "@verifySSN \d{3}-?\d{2}-?\d{4}" "id:1,phase:2,log"
enum VerifySSN {
    static func isValid(_ text: ByteView) -> Bool {
        guard let digits = text.digits(limit: 9), digits.count == 9 else { return false }
        let area = digits[0] * 100 + digits[1] * 10 + digits[2]
        let group = digits[3] * 10 + digits[4]
        let serial = digits[5...].reduce(0) { $0 * 10 + $1 }
        if area == 0 || group == 0 || serial == 0 || area >= 740 || area == 666 { return false }
        let isSequence = zip(digits, digits.dropFirst()).allSatisfy { $1 == $0 + 1 }
        return !isSequence && Set(digits).count > 1
    }
}
