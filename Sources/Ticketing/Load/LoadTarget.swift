import Transport

/// The shop that load is put on.
struct LoadTarget: Sendable {
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    let host: String
    let authority: String
    let address: SocketAddress
    /// Set for https.
    let tls: TLSClientContext?

    /// Reads `http://host:port` or `https://host:port`. Only this machine: load is for one's own servers.
    init(url: String, authorities: String?) throws {
        let isEncrypted = url.hasPrefix("https://")
        guard isEncrypted || url.hasPrefix("http://") else {
            throw Problem(description: "\(url): expected http:// or https://")
        }
        var rest = url.dropFirst(isEncrypted ? 8 : 7)
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        let parts = rest.split(separator: ":")
        let name = parts.first.map(String.init) ?? ""
        guard ["127.0.0.1", "localhost"].contains(name), parts.count <= 2 else {
            throw Problem(description: "\(url): load goes to this machine alone")
        }
        let port = parts.count == 2 ? String(parts[1]) : isEncrypted ? "443" : "80"
        guard let address = SocketAddress("127.0.0.1:\(port)") else {
            throw Problem(description: "\(url): \(port) is no port")
        }
        host = name
        authority = String(rest)
        self.address = address
        tls = isEncrypted ? try TLSClientContext(authorities: authorities) : nil
    }
}

/// What a server answered.
struct LoadAnswer: Sendable {
    let status: Int
    let cookies: [String]
    let body: String

    /// A text member of a JSON body, found without a schema: a load generator has better things to do.
    func member(_ name: String) -> String? {
        guard let start = body.firstRange(of: "\"\(name)\":\"")?.upperBound else { return nil }
        return String(body[start...].prefix { $0 != "\"" })
    }
}
