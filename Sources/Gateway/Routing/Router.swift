import HTTP

/// Finds the route of a request; the first that matches decides.
struct Router: Sendable {
    private let routes: [Route]
    private let rooms: [GuardedRoom]
    private let hasGuards: Bool

    /// - Parameter rooms: waiting rooms, which may cover paths of their own.
    init(_ routes: [Route], rooms: [GuardedRoom] = []) {
        self.routes = routes
        self.rooms = rooms
        hasGuards = !rooms.isEmpty || routes.contains(where: \.isGuarded)
    }

    /// The route for the request, by host, canonical path and method.
    func route(for head: RequestHead) -> Route? { route(for: head, at: head.target.path) }

    private func route(for head: RequestHead, at path: ByteView) -> Route? {
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
        let isDoubtful =
            !flags.isDisjoint(with: refused)
            || hasGuards && flags.contains(.hasParameters) && isElsewhereWithoutParameters(head)
        return isDoubtful ? .client(.ambiguousTarget) : nil
    }

    /// Whether a server that cuts parameters off the segments of a path (`;a=b`), as servlet containers do,
    /// would read the path of another route, or of a room that this one is not in.
    private func isElsewhereWithoutParameters(_ head: RequestHead) -> Bool {
        let written = head.target.path
        let path = written.withoutParameters
        return unsafe path.withUnsafeBytes { bytes in
            let plain = unsafe ByteView(bytes)
            return route(for: head, at: plain) !== route(for: head, at: written)
                || rooms.contains { $0.covers(head, at: plain) && !$0.covers(head, at: written) }
        }
    }
}

extension Route {
    /// Whether the route refuses, counts or queues some of its visitors.
    var isGuarded: Bool {
        if case .deny = action { return true }
        return session != .none || room != nil || !limits.isEmpty
    }
}

extension ByteView {
    /// A canonical path without the parameters of its segments, whose marks may be encoded (`%3B`), and without the
    /// segments that then are empty.
    fileprivate var withoutParameters: [UInt8] {
        var path: [UInt8] = []
        var isParameter = false
        for index in 0..<count {
            let byte = self[index]
            if byte == 0x2F {
                isParameter = false
                if path.last != 0x2F { path.append(byte) }
            } else if byte == 0x3B || dropFirst(index).prefix(3).equalsIgnoringCase("%3b") {
                isParameter = true
            } else if !isParameter {
                path.append(byte)
            }
        }
        return path
    }
}
