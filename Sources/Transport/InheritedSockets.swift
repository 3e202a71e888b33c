import CLinux
import Glibc

/// Listening sockets that were open before the process started: handed over by its predecessor or by systemd.
///
/// Used while starting, by one thread.
public final class InheritedSockets {
    private struct Entry {
        let descriptor: Int32
        let address: SocketAddress
        var isTaken = false
    }

    private static let firstDescriptor: Int32 = 3
    private var entries: [Entry] = []
    private let readyDescriptor: Int32?
    /// A connection to the predecessor, which alone puts one beside its sockets, and which belongs to the
    /// caller; nil if there is none.
    public private(set) var predecessor: Int32?

    /// Looks for sockets in the environment: `HANIEL_SOCKETS`, or systemd's `LISTEN_FDS` if it means this process.
    public init() {
        readyDescriptor = Self.number("HANIEL_READY")
        var count = Self.number("HANIEL_SOCKETS") ?? 0
        // systemd hands over sockets that know nothing of us, connections among them.
        let isOurs = count > 0
        if !isOurs, Self.number("LISTEN_PID") == getpid() {
            count = Self.number("LISTEN_FDS") ?? 0
        }
        for descriptor in Self.firstDescriptor..<Self.firstDescriptor + min(max(0, count), 4096) {
            guard Self.isListening(descriptor),
                let address = ListeningSocket.boundAddress(descriptor)
            else {
                if isOurs, Self.isConnection(descriptor) {
                    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                    predecessor = descriptor
                }
                continue
            }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
            entries.append(Entry(descriptor: descriptor, address: address))
        }
        if let readyDescriptor { _ = fcntl(readyDescriptor, F_SETFD, FD_CLOEXEC) }
        for name in [
            "HANIEL_SOCKETS", "HANIEL_READY", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES",
        ] {
            unsafe unsetenv(name)
        }
    }

    /// Whether there is a socket for the address.
    public func contains(_ address: SocketAddress) -> Bool {
        entries.contains { $0.address == address }
    }

    /// The sockets of one worker for the address: its share of them, or a copy of one where there are fewer
    /// than workers; none if nothing was inherited for it. They belong to the caller.
    public func take(_ address: SocketAddress, worker: Int, of workerCount: Int) -> [Int32] {
        let matching = entries.indices.filter { entries[$0].address == address }
        guard !matching.isEmpty else { return [] }
        guard matching.count < workerCount else {
            let share = matching.enumerated().filter { $0.offset % workerCount == worker }
            for (_, index) in share { entries[index].isTaken = true }
            return share.map { entries[$0.element].descriptor }
        }
        let index = matching[worker % matching.count]
        let copy = fcntl(entries[index].descriptor, F_DUPFD_CLOEXEC, 3)
        return copy >= 0 ? [copy] : []
    }

    /// Closes what nobody took: listeners that the configuration no longer has.
    public func closeRest() {
        for entry in entries where !entry.isTaken { Glibc.close(entry.descriptor) }
        entries = []
    }

    /// Tells the predecessor that it may go.
    public func tellReady() {
        guard let readyDescriptor else { return }
        var byte: UInt8 = 1
        _ = unsafe write(readyDescriptor, &byte, 1)
        Glibc.close(readyDescriptor)
    }

    private static func number(_ name: String) -> Int32? {
        unsafe getenv(name).flatMap { unsafe Int32(String(cString: $0)) }
    }

    /// Whether it is one end of a pair of sockets.
    private static func isConnection(_ descriptor: Int32) -> Bool {
        var family: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &family, &length) == 0
            && family == AF_UNIX && !isListening(descriptor)
    }

    private static func isListening(_ descriptor: Int32) -> Bool {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0
            && value == 1
    }
}
