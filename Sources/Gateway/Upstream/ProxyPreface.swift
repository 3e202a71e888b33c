import HTTP
import Transport

extension Upstream {
    /// Whether every connection begins by naming a client, so that it can serve no other.
    var namesClients: Bool { configuration.proxyProtocol != .off }

    /// What a connection for `exchange` begins with: the client's address in the PROXY protocol, or nothing.
    func preface(for exchange: Exchange) -> [UInt8] {
        let source = SocketAddress.ip(exchange.client, port: exchange.peerPort)
        let target = exchange.stream?.localAddress ?? .unix(path: "")
        switch configuration.proxyProtocol {
        case .off: return []
        case .v1: return ProxyHeader.line(source: source, target: target)
        case .v2: return ProxyHeader.binary(source: source, target: target)
        }
    }

    /// What a connection of the gateway's own begins with.
    var ownPreface: [UInt8] {
        switch configuration.proxyProtocol {
        case .off: []
        case .v1: Array("PROXY UNKNOWN\r\n".utf8)
        case .v2: ProxyHeader.local
        }
    }
}
