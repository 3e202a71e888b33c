/// The request line and what is cut from it, as received.
struct RequestData {
    private(set) var method = ByteView()
    /// The target as received, absolute form included.
    private(set) var target = ByteView()
    private(set) var version = ByteView()
    /// The target without scheme and host.
    private(set) var uri = ByteView()
    private(set) var path = ByteView()
    private(set) var query = ByteView()

    init() {}

    init(method: ByteView, target: ByteView, version: ByteView) {
        self.method = method
        self.target = target
        self.version = version
        split()
    }

    var basename: ByteView { path.lastIndex(of: 0x2F).map { path.dropFirst($0 + 1) } ?? path }

    private mutating func split() {
        uri = target
        if target.at(0) != 0x2F { removeAuthority() }
        let (mark, hash) = Self.separators(uri)
        path = uri.prefix(min(mark, hash))
        query = mark < hash ? uri[(mark + 1)..<hash] : ByteView()
    }

    /// Cuts scheme and host from the absolute form (RFC 9112, 3.2.2).
    private mutating func removeAuthority() {
        guard let scheme = target.firstRange(of: "://"), scheme < 16 else { return }
        let authority = target.dropFirst(scheme + 3)
        let slash = authority.firstIndex { $0 == 0x2F || $0 == 0x3F }
        uri = slash.map { authority.dropFirst($0) } ?? ByteView("/")
    }

    /// Where the first question mark and the first number sign stand; the end if there is none.
    private static func separators(_ uri: ByteView) -> (Int, Int) {
        unsafe uri.withBytes { bytes in
            var mark = bytes.count
            for index in bytes.indices {
                let byte = unsafe bytes[index]
                if byte == 0x23 { return (mark, index) }
                if byte == 0x3F, mark == bytes.count { mark = index }
            }
            return (mark, bytes.count)
        }
    }
}
