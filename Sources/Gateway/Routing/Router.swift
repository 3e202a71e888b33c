import HTTP

/// Finds the route of a request; the first that matches decides.
struct Router: Sendable {
    private let routes: [Route]
    private let hasGuards: Bool

    /// - Parameter hasRooms: whether waiting rooms cover paths of their own.
    init(_ routes: [Route], hasRooms: Bool) {
        self.routes = routes
        hasGuards = hasRooms || routes.contains(where: \.isGuarded)
    }

    /// The route for the request, by host, canonical path and method.
    func route(for head: RequestHead) -> Route? {
        let path = head.target.path
        for route in routes where route.matches(head, path: path) { return route }
        return nil
    }

    /// Why no route may see this request, if so: tunnels, echoes, and paths that two readers could take for different
    /// ones.
    ///
    /// Where any route refuses, counts or queues some visitors, every spelling has to be beyond doubt, on all routes: a
    /// strange one is just what makes a request miss the route that guards and match the one that does not.
    func refusal(of head: RequestHead) -> Failure? {
        if head.method == .connect || head.method == .trace { return .client(.misdirectedConnect) }
        let flags = head.target.flags
        guard flags != [] else { return nil }
        var refused: Target.Flags = [
            .hasEncodedNUL, .hasInvalidEscape, .hidesDotSegment, .hasForbiddenByte,
        ]
        if hasGuards {
            refused.formUnion([
                .hasEncodedSeparator, .hasEncodedControl, .climbsAboveRoot, .hasEmptySegment,
            ])
        }
        return flags.isDisjoint(with: refused) ? nil : .client(.ambiguousTarget)
    }
}

extension Route {
    /// Whether the route refuses, counts or queues some of its visitors.
    var isGuarded: Bool {
        if case .deny = action { return true }
        return session != .none || room != nil || !limits.isEmpty
    }
}
