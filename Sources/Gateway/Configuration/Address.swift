import Transport

/// Where to listen or connect to.
enum Address: Sendable, Hashable {
    /// A literal IPv4 or IPv6 address (without brackets) and a port.
    case ip(host: String, port: UInt16)
    /// A name to resolve and a port.
    case name(host: String, port: UInt16)
    /// A Unix-domain socket.
    case unix(path: String)
}

extension Address {
    /// What the kernel wants to hear; nil for a name, which must be resolved first.
    var socketAddress: SocketAddress? {
        switch self {
        case .ip(let host, let port): IPAddress(host).map { .ip($0, port: port) }
        case .name: nil
        case .unix(let path): .unix(path: path)
        }
    }
}

extension Address: TextValue {
    init(text: String) throws(Misfit) {
        if text.hasPrefix("unix:") {
            self = try Self.socket(path: String(text.dropFirst(5)))
            return
        }
        let expected = "an address and a port, such as 127.0.0.1:8443, [::1]:8443 or unix:/path"
        guard let colon = text.lastIndex(of: ":") else {
            let every = decimal(text).map { "write 0.0.0.0:\($0) for every interface" }
            throw Misfit(expected: expected, hint: every ?? "add the port, as in `\(text):8443`")
        }
        guard let port = decimal(text[text.index(after: colon)...]).flatMap(UInt16.init(exactly:)),
            port > 0
        else {
            throw Misfit(expected: "a port of 1 to 65535 after the last colon")
        }
        let host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]"),
            let address = literalAddress(host.dropFirst().dropLast())
        {
            guard address.isIPv6 else {
                throw Misfit(expected: expected, hint: "brackets are for IPv6 only")
            }
            self = .ip(host: String(host.dropFirst().dropLast()), port: port)
        } else if literalAddress(host)?.isIPv6 == false {
            self = .ip(host: host, port: port)
        } else if host.contains(":") {
            throw Misfit(expected: expected, hint: "write [\(host)]:\(port) for an IPv6 address")
        } else if HostPattern.isName(host) {
            self = .name(host: host.lowercased(), port: port)
        } else {
            throw Misfit(expected: expected)
        }
    }

    var text: String {
        switch self {
        case .ip(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .name(let host, let port): "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    private static func socket(path: String) throws(Misfit) -> Address {
        // sun_path holds 108 bytes with the closing zero.
        guard path.hasPrefix("/"), path.utf8.count <= 107, !path.utf8.contains(0) else {
            throw Misfit(expected: "unix: and an absolute path of at most 107 bytes")
        }
        return .unix(path: path)
    }
}

extension Address {
    /// The port; nil for a path in the file system.
    var port: UInt16? {
        switch self {
        case .ip(_, let port), .name(_, let port): port
        case .unix: nil
        }
    }
}
