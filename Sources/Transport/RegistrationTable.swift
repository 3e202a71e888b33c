/// Sockets by the token that epoll reports for them.
///
/// A token is an index and a generation: an event fetched before its socket was closed finds nothing, even when the
/// index has gone to another socket within the same turn.
struct RegistrationTable {
    private struct Entry {
        var generation: UInt32 = 0
        var socket: Socket?
    }

    /// The token of the reactor's own wake-up event.
    static let wakeToken = UInt64.max

    private var entries: [Entry] = []
    private var free: [UInt32] = []

    mutating func insert(_ socket: Socket) -> UInt64 {
        let index: UInt32
        if let reused = free.popLast() {
            index = reused
        } else {
            index = UInt32(truncatingIfNeeded: entries.count)
            entries.append(Entry())
        }
        entries[Int(index)].socket = socket
        return UInt64(entries[Int(index)].generation) << 32 | UInt64(index)
    }

    mutating func remove(_ token: UInt64) {
        let index = Int(UInt32(truncatingIfNeeded: token))
        guard index < entries.count, entries[index].socket != nil,
            entries[index].generation == UInt32(truncatingIfNeeded: token >> 32)
        else { return }
        entries[index].socket = nil
        entries[index].generation &+= 1
        free.append(UInt32(index))
    }

    func socket(for token: UInt64) -> Socket? {
        let index = Int(UInt32(truncatingIfNeeded: token))
        guard index < entries.count,
            entries[index].generation == UInt32(truncatingIfNeeded: token >> 32)
        else {
            return nil
        }
        return entries[index].socket
    }
}
