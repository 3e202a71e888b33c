/// `application/x-www-form-urlencoded`: query strings and form bodies.
enum URLEncodedParser {
    /// What stands between separators, decoded. Names and values that need no decoding stay slices of `text`.
    static func parse(
        _ text: ByteView,
        separator: UInt8,
        limit: Int,
        _ arena: Arena,
        _ hasError: inout Bool,
        _ found: (_ name: ByteView, _ value: ByteView) -> Void
    ) -> Bool {
        var start = 0
        var count = 0
        while start < text.count {
            let end = text.firstIndex(of: separator, from: start) ?? text.count
            let pair = text[start..<end]
            start = end + 1
            if pair.isEmpty { continue }
            if count == limit { return false }
            count += 1
            let equals = pair.firstIndex(of: 0x3D) ?? pair.count
            found(
                decoded(pair.prefix(equals), arena, &hasError),
                decoded(pair.dropFirst(equals + 1), arena, &hasError)
            )
        }
        return true
    }

    private static func decoded(_ text: ByteView, _ arena: Arena, _ hasError: inout Bool)
        -> ByteView
    {
        if !hasError { hasError = isInvalid(text) }
        return URLDecode.apply(text, arena) ?? text
    }

    private static func isInvalid(_ text: ByteView) -> Bool {
        var index = 0
        while let percent = text.firstIndex(of: 0x25, from: index) {
            if text.hexPair(at: percent + 1) == nil { return true }
            index = percent + 3
        }
        return false
    }
}
