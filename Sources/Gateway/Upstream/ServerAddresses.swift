import Transport

/// The socket addresses of a server as the configuration names it.
enum ServerAddresses {
    /// Host names are looked up now, with every reload again; an empty list if there is no answer.
    static func resolve(_ address: Address) -> [SocketAddress] {
        switch address {
        case .ip(let host, let port): IPAddress(host).map { [.ip($0, port: port)] } ?? []
        case .unix(let path): [.unix(path: path)]
        case .name(let host, let port): HostLookup.addresses(of: host).map { .ip($0, port: port) }
        }
    }
}
