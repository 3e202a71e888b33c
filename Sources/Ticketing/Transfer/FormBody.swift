/// The fields of `application/x-www-form-urlencoded`, in order.
enum FormBody {
    /// The bytes on the wire.
    static func encode(_ fields: KeyValuePairs<String, String>) -> [UInt8] {
        let pairs = fields.map { "\(escape($0.key))=\(escape($0.value))" }
        return Array(pairs.joined(separator: "&").utf8)
    }

    /// Text as a field's value or a part of a path: all but unreserved characters (RFC 3986) in hexadecimal.
    static func escape(_ text: String) -> String {
        let kept = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        var escaped: [UInt8] = []
        for byte in text.utf8 {
            if kept.contains(byte) {
                escaped.append(byte)
            } else {
                escaped += "%\(Token.hexadecimal([byte]).uppercased())".utf8
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}
