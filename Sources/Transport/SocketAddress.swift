import CLinux
import Glibc

/// Where a socket listens or connects: an IP address and port, or a path in the file system.
public enum SocketAddress: Sendable, Hashable, CustomStringConvertible {
    case ip(IPAddress, port: UInt16)
    case unix(path: String)

    /// Parses `127.0.0.1:8080`, `[::1]:8080` and `unix:/run/x.sock`; nil for anything else, host names included.
    public init?(_ text: String) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            guard !path.isEmpty, path.utf8.count < 108, !path.utf8.contains(0) else { return nil }
            self = .unix(path: path)
            return
        }
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(digits: text[text.index(after: colon)...])
        else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        } else if host.contains(":") {
            return nil
        }
        guard let address = IPAddress(String(host)) else { return nil }
        self = .ip(address, port: port)
    }

    public var description: String {
        switch self {
        case .ip(let address, let port):
            address.isIPv6 ? "[\(address)]:\(port)" : "\(address):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    var family: Int32 {
        switch self {
        case .ip(let address, _): address.isIPv6 ? AF_INET6 : AF_INET
        case .unix: AF_UNIX
        }
    }

    /// Calls `body` with the kernel's form of the address, which lives during the call.
    func withKernelAddress<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var storage = sockaddr_storage()
        let length = fill(&storage)
        return unsafe withUnsafePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, length)
            }
        }
    }

    private func fill(_ storage: inout sockaddr_storage) -> socklen_t {
        unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            switch self {
            case .ip(let address, let port) where address.isIPv6:
                var kernel = sockaddr_in6()
                kernel.sin6_family = sa_family_t(AF_INET6)
                kernel.sin6_port = port.bigEndian
                unsafe withUnsafeMutableBytes(of: &kernel.sin6_addr) { target in
                    for (index, byte) in address.bytes.enumerated() { unsafe target[index] = byte }
                }
                unsafe bytes.storeBytes(of: kernel, as: sockaddr_in6.self)
                return socklen_t(MemoryLayout<sockaddr_in6>.size)
            case .ip(let address, let port):
                var kernel = sockaddr_in()
                kernel.sin_family = sa_family_t(AF_INET)
                kernel.sin_port = port.bigEndian
                kernel.sin_addr.s_addr = UInt32(truncatingIfNeeded: address.low).bigEndian
                unsafe bytes.storeBytes(of: kernel, as: sockaddr_in.self)
                return socklen_t(MemoryLayout<sockaddr_in>.size)
            case .unix(let path):
                unsafe bytes.storeBytes(of: sa_family_t(AF_UNIX), as: sa_family_t.self)
                for (index, byte) in path.utf8.enumerated() where index < 107 {
                    unsafe bytes[2 + index] = byte
                }
                return socklen_t(2 + min(path.utf8.count, 107) + 1)
            }
        }
    }

    /// The address that a resolver returned; nil for a family other than IPv4 and IPv6.
    init?(kernel address: UnsafePointer<sockaddr>?, length: socklen_t) {
        guard let address = unsafe address, Int(length) <= MemoryLayout<sockaddr_storage>.size
        else { return nil }
        var storage = sockaddr_storage()
        unsafe withUnsafeMutableBytes(of: &storage) {
            unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(length)))
        }
        guard [AF_INET, AF_INET6].contains(Int32(storage.ss_family)) else { return nil }
        self.init(storage)
    }

    /// The address that the kernel wrote into `storage`; a Unix-domain peer has no name of its own.
    init(_ storage: sockaddr_storage) {
        self = unsafe withUnsafeBytes(of: storage) { bytes in
            switch Int32(storage.ss_family) {
            case AF_INET:
                let kernel = unsafe bytes.load(as: sockaddr_in.self)
                return .ip(
                    IPAddress(v4: UInt32(bigEndian: kernel.sin_addr.s_addr)),
                    port: UInt16(bigEndian: kernel.sin_port)
                )
            case AF_INET6:
                let kernel = unsafe bytes.load(as: sockaddr_in6.self)
                let octets = unsafe withUnsafeBytes(of: kernel.sin6_addr) { unsafe [UInt8]($0) }
                return unsafe .ip(
                    IPAddress(octets: octets),
                    port: UInt16(bigEndian: kernel.sin6_port)
                )
            default:
                return .unix(path: "")
            }
        }
    }
}
