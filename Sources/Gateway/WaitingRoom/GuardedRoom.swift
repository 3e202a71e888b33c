import HTTP
import Transport

/// A room with what it covers, under one configuration.
final class GuardedRoom: Sendable {
    let room: WaitingRoom
    private let hosts: [HostMatcher]
    private let paths: [PathMatcher]
    private let bypasses: [RoomRule]
    private let priorities: [RoomRule]
    private let origins: [String]

    init(_ configuration: Configuration.Room, room: WaitingRoom) {
        self.room = room
        hosts = configuration.hosts.map(HostMatcher.init)
        paths = configuration.paths.map(PathMatcher.init)
        bypasses = configuration.bypass.map(RoomRule.init)
        priorities = configuration.priority.map(RoomRule.init)
        origins = configuration.origins
    }

    /// Whether the room belongs to this host; its own paths are answered there.
    func isAt(_ head: RequestHead) -> Bool {
        hosts.isEmpty || hosts.contains { $0.matches(head.host) }
    }

    /// Whether the room covers the request by its own patterns, whatever its route says.
    func covers(_ head: RequestHead) -> Bool { covers(head, at: head.target.path) }

    /// The same for another path than the request's.
    func covers(_ head: RequestHead, at path: ByteView) -> Bool {
        !paths.isEmpty && isAt(head) && paths.contains { $0.matches(path) }
    }

    /// Whether a rule lets the request by without waiting.
    func lets(_ exchange: Exchange) -> Bool { bypasses.contains { $0.matches(exchange) } }

    /// Whether a rule puts the visitor before the line.
    func prefers(_ exchange: Exchange) -> Bool { priorities.contains { $0.matches(exchange) } }

    /// Lets pages of listed origins read what the room answers by itself (Fetch standard).
    func share(with exchange: Exchange) {
        guard !origins.isEmpty else { return }
        let fields = exchange.addedFields
        fields.append("vary", "Origin")
        guard let origin = listedOrigin(exchange.head) else { return }
        fields.append("access-control-allow-origin", origin)
        fields.append("access-control-allow-credentials", "true")
        fields.append("access-control-expose-headers", "Waiting-Room, Retry-After")
    }

    private func listedOrigin(_ head: RequestHead) -> String? {
        guard let origin = head.first(of: .origin)?.string else { return nil }
        return origins.contains(origin) ? origin : nil
    }

    /// The answer to a preflight request (Fetch standard) beside what is shared: from the room's settings, never from
    /// the backend, which must not be asked by somebody who waits.
    func preflight(_ head: RequestHead) -> WaitingAnswer {
        var fields = [(name: "Cache-Control", value: "no-store")]
        if listedOrigin(head) != nil {
            fields.append(
                ("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE")
            )
            if let names = head.first(of: .accessControlRequestHeaders)?.string,
                names.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F })
            {
                fields.append(("Access-Control-Allow-Headers", names))
            }
            fields.append(("Access-Control-Max-Age", "600"))
        }
        return WaitingAnswer(status: 204, fields: fields)
    }
}

/// A rule of the configuration, over bytes.
private enum RoomRule: Sendable {
    case network(IPPrefix)
    case path(PathMatcher)
    case field(name: [UInt8], value: [UInt8])

    init(_ rule: Configuration.RoomBypass) {
        switch rule {
        case .network(let network): self = .network(network)
        case .path(let pattern): self = .path(PathMatcher(pattern))
        case .header(let name, let value):
            self = .field(name: Array(name.lowercased().utf8), value: Array(value.utf8))
        }
    }

    func matches(_ exchange: Exchange) -> Bool {
        switch self {
        case .network(let network): network.contains(exchange.client)
        case .path(let matcher): matcher.matches(exchange.head.target.path)
        case .field(let name, let value):
            exchange.head.fields.first(named: name)?.bytes == value
        }
    }
}

extension RequestHead {
    /// Whether a browser asks beforehand if a page of another origin may ask (Fetch standard).
    var isPreflight: Bool {
        method == .options && first(of: .origin) != nil
            && first(of: .accessControlRequestMethod) != nil
    }
}
