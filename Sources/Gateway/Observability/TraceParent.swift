import HTTP

/// What a `traceparent` field says (W3C Trace Context, section 3.2), as far as a log wants it.
struct TraceParent {
    /// The trace: 32 hexadecimal digits in lower case, not all of them 0. The bytes are the field's.
    let traceID: ByteView

    /// Nil for a field that is not of the form of version 00, the only one there is.
    init?(_ field: ByteView) {
        let dash = UInt8(ascii: "-")
        guard field.count == 55, field.prefix(3).equals("00-"), field[35] == dash,
            field[52] == dash,
            Self.isName(field[3..<35]), Self.isName(field[36..<52]),
            Self.areDigits(field[53..<55])
        else { return nil }
        traceID = field[3..<35]
    }

    private static func isName(_ field: ByteView) -> Bool {
        areDigits(field) && (0..<field.count).contains { field[$0] != UInt8(ascii: "0") }
    }

    private static func areDigits(_ field: ByteView) -> Bool {
        (0..<field.count).allSatisfy { index in
            switch field[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
            default: false
            }
        }
    }
}
