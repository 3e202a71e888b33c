import Glibc
import Synchronization

/// Sockets on 127.0.0.1.
public enum Loopback {
    /// Ports are handed out below the range the kernel uses for outgoing connections, so that none of the many
    /// connections of a test run takes one before its server has bound it; every process begins elsewhere.
    private static let next = Atomic<UInt16>(UInt16(10_000 + (Int(getpid()) &* 37) % 20_000))

    /// A port that nothing listens on, handed out once, and to no other process of tests while this one runs.
    public static func freePort() throws -> UInt16 {
        if claims.descriptor < 0 {
            throw WireError.failed(call: "open \(claimsPath)", errno: claims.errno)
        }
        for _ in 0..<2000 {
            let port = 10_000 + next.wrappingAdd(1, ordering: .relaxed).newValue % 22_000
            guard claim(port), let descriptor = try? listen(port: port) else { continue }
            _ = close(descriptor)
            return port
        }
        throw WireError.failed(call: "no free port", errno: EADDRINUSE)
    }

    /// The file of which every process of tests locks a byte for each of its ports. The locks go with the process, and
    /// with the first descriptor of the file that it closes: nothing else may open it.
    public static let claimsPath = "/tmp/bookmehaniel-test-ports-\(getuid())"
    private static let claims: (descriptor: Int32, errno: Int32) = {
        let descriptor = unsafe open(claimsPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        return (descriptor, errno)
    }()

    /// Whether the port is this process's from now on, before and whenever one of its servers binds it.
    private static func claim(_ port: UInt16) -> Bool {
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = Int(port)
        lock.l_len = 1
        return unsafe fcntl(claims.descriptor, F_SETLK, &lock) == 0
    }

    /// Connects to a local server.
    public static func connect(port: UInt16, patience: Duration = Patience.usual) throws -> Wire {
        let descriptor = socket(
            AF_INET,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { throw WireError.failed(call: "socket", errno: errno) }
        let result = unsafe withAddress(port) { unsafe Glibc.connect(descriptor, $0, $1) }
        guard result == 0 else {
            let code = errno
            _ = close(descriptor)
            throw WireError.failed(call: "connect to port \(port)", errno: code)
        }
        return Wire(descriptor: descriptor, patience: patience)
    }

    /// Whether something accepts connections on the port.
    public static func isListening(port: UInt16) -> Bool {
        (try? connect(port: port)) != nil
    }

    /// The connection that `start` brings about to the port that it is told.
    public static func connection(from start: (UInt16) throws -> Void) throws -> Wire {
        let port = try freePort()
        let listener = try listen(port: port)
        defer { _ = close(listener) }
        try start(port)
        var entry = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        let patience = Deadline(within: Patience.usual)
        guard unsafe poll(&entry, 1, patience.pollMilliseconds) > 0 else {
            throw WireError.timedOut(received: "no connection")
        }
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { throw WireError.failed(call: "accept", errno: errno) }
        return Wire(descriptor: descriptor, patience: Patience.usual)
    }

    public static func listen(port: UInt16, backlog: Int32 = 1024) throws -> Int32 {
        let descriptor = socket(
            AF_INET,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { throw WireError.failed(call: "socket", errno: errno) }
        var one: Int32 = 1
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, 4)
        guard unsafe withAddress(port, { unsafe bind(descriptor, $0, $1) }) == 0,
            Glibc.listen(descriptor, backlog) == 0
        else {
            let code = errno
            _ = close(descriptor)
            throw WireError.failed(call: "listen on port \(port)", errno: code)
        }
        return descriptor
    }

    private static func withAddress(
        _ port: UInt16,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
