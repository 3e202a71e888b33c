import HTTP

/// Finds the route of a request; the first that matches decides.
struct Router: Sendable {
    private let routes: [Route]

    init(_ routes: [Route]) {
        self.routes = routes
    }

    /// The route for the request, by host, canonical path and method.
    func route(for head: RequestHead) -> Route? {
        let path = head.target.path
        for route in routes where route.matches(head, path: path) { return route }
        return nil
    }

    /// Refuses what no route may see: tunnels, and paths that two readers could take for different ones.
    ///
    /// An encoded separator counts only where a route guards something, since elsewhere it is only a strange name.
    static func check(_ head: RequestHead, against route: Route) throws(Failure) {
        if head.method == .connect { throw .client(.misdirectedConnect) }
        let flags = head.target.flags
        if !flags.isDisjoint(with: [.hasEncodedNUL, .hasInvalidEscape]) {
            throw .client(.ambiguousTarget)
        }
        let doubtful: Target.Flags = [.hasEncodedSeparator, .hasEncodedControl, .climbsAboveRoot]
        if route.isGuarded, !flags.isDisjoint(with: doubtful) { throw .client(.ambiguousTarget) }
    }
}

extension Route {
    /// Whether the route lets only some visitors pass.
    var isGuarded: Bool { session != .none || room != nil }
}
