/// The Cookie field: pairs separated by semicolons. Nothing is decoded, quotes stay, repeated names stay.
/// What limits the head limits their number: whoever reads the field behind reads all of it.
enum CookieParser {
    static func parse(_ text: ByteView, _ found: (_ name: ByteView, _ value: ByteView) -> Void) {
        var start = 0
        while start < text.count {
            let end = text.firstIndex(of: 0x3B, from: start) ?? text.count
            let pair = text[start..<end].trimming { $0 == 0x20 || $0 == 0x09 }
            start = end + 1
            if pair.isEmpty { continue }
            let equals = pair.firstIndex(of: 0x3D) ?? pair.count
            found(pair.prefix(equals), pair.dropFirst(equals + 1))
        }
    }
}
