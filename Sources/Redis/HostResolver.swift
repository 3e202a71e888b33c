import Transport

/// Turns a host name into addresses, off the reactor's thread, since the system's resolver waits.
enum HostResolver {
    /// The addresses of a name in the order to try them; empty when it has none, or there is no thread to ask on.
    static func addresses(of host: String, port: UInt16) async -> [SocketAddress] {
        if let address = IPAddress(host) { return [.ip(address, port: port)] }
        let addresses = await withCheckedContinuation {
            (continuation: CheckedContinuation<[IPAddress], Never>) in
            do throws(SystemError) {
                try Thread.start { continuation.resume(returning: HostLookup.addresses(of: host)) }
            } catch {
                continuation.resume(returning: [])
            }
        }
        return addresses.map { .ip($0, port: port) }
    }
}
