import CLinux
import Glibc

/// Names to addresses, by the system's resolver.
public enum HostLookup {
    /// The addresses of `host` in the resolver's order; empty if there is no answer. Blocks the calling thread.
    public static func addresses(of host: String) -> [IPAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [IPAddress] = []
        var entry = unsafe list
        while let present = unsafe entry {
            if let address = unsafe SocketAddress(
                kernel: present.pointee.ai_addr,
                length: present.pointee.ai_addrlen
            ),
                case .ip(let ip, _) = address, !addresses.contains(ip)
            {
                addresses.append(ip)
            }
            unsafe entry = present.pointee.ai_next
        }
        return addresses
    }
}
