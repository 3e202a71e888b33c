import Glibc
import Transport

/// The socket addresses of a server as the configuration names it.
enum ServerAddresses {
    /// Host names are looked up now, with every reload again; an empty list if there is no answer.
    static func resolve(_ address: Address) -> [SocketAddress] {
        switch address {
        case .ip(let host, let port): IPAddress(host).map { [.ip($0, port: port)] } ?? []
        case .unix(let path): [.unix(path: path)]
        case .name(let host, let port): lookUp(host).map { .ip($0, port: port) }
        }
    }

    private static func lookUp(_ host: String) -> [IPAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [IPAddress] = []
        var entry = unsafe list
        while let present = unsafe entry {
            if let address = unsafe SocketAddress(kernel: present.pointee.ai_addr, length: present.pointee.ai_addrlen),
                case .ip(let ip, _) = address, !addresses.contains(ip)
            {
                addresses.append(ip)
            }
            unsafe entry = present.pointee.ai_next
        }
        return addresses
    }
}
