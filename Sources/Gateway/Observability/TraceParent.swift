import HTTP

/// What a `traceparent` field says (W3C Trace Context, section 3.2), as far as a log wants it.
struct TraceParent {
    /// The trace: 32 hexadecimal digits in lower case, not all of them 0. The bytes are the field's.
    let traceID: ByteView

    /// Nil for a field that is not of the form. Versions to come may have more behind it.
    init?(_ field: ByteView) {
        let dash = UInt8(ascii: "-")
        guard field.count >= 55, field[2] == dash, field[35] == dash, field[52] == dash else {
            return nil
        }
        traceID = field[3..<35]
        var isZero = true
        for index in 0..<traceID.count {
            let byte = traceID[index]
            switch byte {
            case UInt8(ascii: "0"): break
            case UInt8(ascii: "1")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"):
                isZero = false
            default: return nil
            }
        }
        guard !isZero else { return nil }
    }
}
