import CLinux
import Glibc

/// A socket that accepts connections for one reactor.
///
/// Every worker opens its own on the same address; the kernel spreads connections over them (`SO_REUSEPORT`).
public final class ListeningSocket {
    /// The address it listens on, with the port that the kernel chose where 0 was asked for.
    public let address: SocketAddress
    private let socket: Socket

    /// Binds and listens.
    ///
    /// - Parameters:
    ///   - address: for a Unix-domain path, a stale socket file is removed first.
    ///   - reactor: the reactor whose tasks accept here.
    ///   - backlog: how many connections the kernel may hold back.
    /// - Throws: `SystemError`, for example when the port is taken.
    public init(_ address: SocketAddress, on reactor: Reactor, backlog: Int32 = 4096)
        throws(SystemError)
    {
        let descriptor = try Self.bind(address, backlog: backlog)
        self.address = Self.boundAddress(descriptor) ?? address
        socket = try Socket(descriptor: descriptor, on: reactor)
    }

    /// Accepts at a socket that listens already, which belongs to this object from now on.
    public init(descriptor: Int32, at address: SocketAddress, on reactor: Reactor)
        throws(SystemError)
    {
        self.address = address
        socket = try Socket(descriptor: descriptor, on: reactor)
    }

    /// The kernel's number for the socket, for whoever it is handed to.
    public var descriptor: Int32 { socket.descriptor }

    /// Binds and listens; the descriptor belongs to the caller.
    private static func bind(_ address: SocketAddress, backlog: Int32) throws(SystemError) -> Int32 {
        let type =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = Glibc.socket(address.family, type, 0)
        guard descriptor >= 0 else { throw SystemError.last("socket") }
        if case .unix(let path) = address { _ = unsafe unlink(path) }
        for (level, option) in Self.options(for: address) {
            SocketOption.enable(option, at: level, on: descriptor)
        }
        let bound = unsafe address.withKernelAddress { unsafe Glibc.bind(descriptor, $0, $1) }
        guard bound == 0, listen(descriptor, backlog) == 0 else {
            let error = SystemError.last("listen on \(address)")
            Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Throws if anybody listens on `address` already, this user's other processes included. A path in the file system
    /// is taken over without asking.
    public static func refuseIfTaken(_ address: SocketAddress) throws(SystemError) {
        guard case .ip = address else { return }
        let descriptor = Glibc.socket(
            address.family,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { throw SystemError.last("socket") }
        defer { Glibc.close(descriptor) }
        for (level, option) in options(for: address) where option != SO_REUSEPORT {
            SocketOption.enable(option, at: level, on: descriptor)
        }
        let bound = unsafe address.withKernelAddress { unsafe Glibc.bind(descriptor, $0, $1) }
        guard bound == 0, listen(descriptor, 1) == 0 else {
            throw SystemError.last("listen on \(address)")
        }
    }

    /// Accepted sockets inherit TCP_NODELAY, which spares a call per connection.
    private static func options(for address: SocketAddress) -> [(Int32, Int32)] {
        guard case .ip(let ip, _) = address else { return [] }
        var options = [
            (SOL_SOCKET, SO_REUSEADDR), (SOL_SOCKET, SO_REUSEPORT),
            (Int32(IPPROTO_TCP), TCP_NODELAY),
        ]
        if ip.isIPv6 { options.append((Int32(IPPROTO_IPV6), IPV6_V6ONLY)) }
        return options
    }

    static func boundAddress(_ descriptor: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        }
        guard result == 0 else { return nil }
        guard Int32(storage.ss_family) == AF_UNIX else { return SocketAddress(storage) }
        let path = unsafe withUnsafeBytes(of: &storage) { bytes in
            unsafe bytes.prefix(Int(length)).dropFirst(2).prefix { $0 != 0 }.map { $0 }
        }
        return path.isEmpty ? nil : .unix(path: String(decoding: path, as: UTF8.self))
    }

    /// The next connection and the peer's address.
    ///
    /// - Throws: `SystemError` when the kernel refuses (out of descriptors, for example): wait a little, then
    ///   call again.
    /// - Returns: nil once the listener is closed.
    public func accept() async throws(SystemError) -> (ByteStream, SocketAddress)? {
        while true {
            do throws(StreamError) {
                try await socket.waitReadable(until: .distantFuture)
            } catch {
                return nil
            }
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let descriptor = unsafe bmh_accept4(socket.descriptor, &storage, &length)
            if descriptor >= 0 {
                let accepted = try Socket(descriptor: descriptor, on: socket.reactor)
                return (ByteStream(accepted), SocketAddress(storage))
            }
            switch errno {
            case EAGAIN: socket.clearReadable()
            case EINTR, ECONNABORTED, EPROTO: break
            default: throw SystemError.last("accept")
            }
        }
    }

    /// Stops listening; a waiting `accept` returns nil.
    ///
    /// - Parameter isHandedOver: whether another process accepts there from now on, so that a path stays.
    public func close(isHandedOver: Bool = false) {
        socket.close()
        if !isHandedOver, case .unix(let path) = address { _ = unsafe unlink(path) }
    }
}
