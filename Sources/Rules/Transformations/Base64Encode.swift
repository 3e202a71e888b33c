/// `t:base64Encode`, with padding (RFC 4648).
///
///     SecRule ARGS:token "@streq YQ==" "id:1,phase:2,deny,t:base64Encode"
enum Base64Encode {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )

    static func apply(_ input: ByteView, _ arena: Arena) -> ByteView? {
        if input.isEmpty { return nil }
        var output = arena.writer(capacity: (input.count + 2) / 3 * 4)
        var index = 0
        while index < input.count {
            let group =
                UInt32(input[index]) << 16 | UInt32(input.at(index + 1) ?? 0) << 8
                | UInt32(input.at(index + 2) ?? 0)
            let length = min(input.count - index, 3)
            for digit in 0..<4 {
                let value = Int(group >> UInt32(18 - 6 * digit)) & 63
                output.append(digit <= length ? alphabet[value] : 0x3D)
            }
            index += 3
        }
        return arena.finish(output)
    }
}
