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
        path = uri.firstIndex(of: 0x23).map { uri.prefix($0) } ?? uri
        guard let mark = path.firstIndex(of: 0x3F) else { return }
        query = path.dropFirst(mark + 1)
        path = path.prefix(mark)
    }

    /// Cuts scheme and host from the absolute form (RFC 9112, 3.2.2).
    private mutating func removeAuthority() {
        guard let scheme = target.firstRange(of: "://"), scheme < 16 else { return }
        let authority = target.dropFirst(scheme + 3)
        let slash = authority.firstIndex { $0 == 0x2F || $0 == 0x3F }
        uri = slash.map { authority.dropFirst($0) } ?? ByteView("/")
    }
}
