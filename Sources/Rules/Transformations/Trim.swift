/// `t:trim`, `t:trimLeft`, `t:trimRight`: white space at the ends.
///
///     SecRule ARGS:id "@rx ^\d+$" "id:1,phase:2,pass,t:trim"
enum Trim {
    static func apply(_ input: ByteView, leading: Bool, trailing: Bool) -> ByteView? {
        let trimmed = input.trimming(leading: leading, trailing: trailing) { $0.isWhitespace }
        return trimmed.count == input.count ? nil : trimmed
    }
}
