import Glibc

/// Options of sockets that serve better with them, and serve without: nobody asks whether the kernel took one.
public enum SocketOption {
    static func set<Value: BitwiseCopyable>(
        _ option: Int32,
        at level: Int32 = SOL_SOCKET,
        to value: Value,
        on descriptor: Int32
    ) {
        var value = value
        let size = socklen_t(MemoryLayout<Value>.size)
        _ = unsafe setsockopt(descriptor, level, option, &value, size)
    }

    static func enable(_ option: Int32, at level: Int32 = SOL_SOCKET, on descriptor: Int32) {
        set(option, at: level, to: Int32(1), on: descriptor)
    }

    /// How long a call may wait on a socket that blocks.
    public static func setPatience(seconds: Int, on descriptor: Int32) {
        let patience = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] { set(option, to: patience, on: descriptor) }
    }
}
