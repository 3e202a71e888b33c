/// Where to listen or connect to.
enum Address: Sendable, Hashable {
    /// A literal IPv4 or IPv6 address (without brackets) and a port.
    case ip(host: String, port: UInt16)
    /// A name to resolve and a port.
    case name(host: String, port: UInt16)
    /// A Unix-domain socket.
    case unix(path: String)
}
