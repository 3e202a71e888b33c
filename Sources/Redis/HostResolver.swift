import Glibc
import Transport

/// Turns a host name into addresses, off the reactor's thread, since the system's resolver waits.
enum HostResolver {
    /// The addresses of a name in the order to try them; empty when it has none.
    static func addresses(of host: String, port: UInt16) async -> [SocketAddress] {
        if let address = IPAddress(host) { return [.ip(address, port: port)] }
        return await withCheckedContinuation { continuation in
            Thread.start { continuation.resume(returning: resolve(host, port: port)) }
        }
    }

    private static func resolve(_ host: String, port: UInt16) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = unsafe list
        while let current = unsafe entry {
            if let address = unsafe address(of: current.pointee) { addresses.append(.ip(address, port: port)) }
            unsafe entry = current.pointee.ai_next
        }
        return addresses
    }

    private static func address(of info: addrinfo) -> IPAddress? {
        guard let raw = unsafe UnsafeRawPointer(info.ai_addr) else { return nil }
        switch unsafe info.ai_family {
        case AF_INET:
            let kernel = unsafe raw.load(as: sockaddr_in.self)
            return IPAddress(v4: UInt32(bigEndian: kernel.sin_addr.s_addr))
        case AF_INET6:
            let kernel = unsafe raw.load(as: sockaddr_in6.self)
            return unsafe IPAddress(octets: withUnsafeBytes(of: kernel.sin6_addr) { unsafe [UInt8]($0) })
        default:
            return nil
        }
    }
}
