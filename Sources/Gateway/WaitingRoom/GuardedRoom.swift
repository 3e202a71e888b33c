import HTTP

/// A room with what it covers, under one configuration.
final class GuardedRoom: Sendable {
    let room: WaitingRoom
    private let hosts: [HostMatcher]
    private let paths: [PathMatcher]

    init(_ configuration: Configuration.Room, room: WaitingRoom) {
        self.room = room
        hosts = configuration.hosts.map(HostMatcher.init)
        paths = configuration.paths.map(PathMatcher.init)
    }

    /// Whether the room belongs to this host; its own paths are answered there.
    func isAt(_ head: RequestHead) -> Bool {
        hosts.isEmpty || hosts.contains { $0.matches(head.host) }
    }

    /// Whether the room covers the request by its own patterns, whatever its route says.
    func covers(_ head: RequestHead) -> Bool {
        guard !paths.isEmpty, isAt(head) else { return false }
        let path = head.target.path
        return paths.contains { $0.matches(path) }
    }
}
