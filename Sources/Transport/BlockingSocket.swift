import Glibc

/// A connection for programs that ask one thing and end, and need no reactor for it.
public enum BlockingSocket {
    /// Seconds to wait for a connection, and for each piece of an answer.
    private static let patienceSeconds = 10

    /// A connected descriptor, owned by the caller; nil if nobody listens there.
    public static func connect(to address: SocketAddress) -> Int32? {
        let descriptor = socket(
            address.family,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { return nil }
        SocketOption.setPatience(seconds: patienceSeconds, on: descriptor)
        let result = unsafe address.withKernelAddress { unsafe Glibc.connect(descriptor, $0, $1) }
        guard result == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }
}
