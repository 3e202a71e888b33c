// Names and what refers to them.
extension ConfigurationValidator {
    mutating func checkNames() {
        checkUnique(configuration.rateLimits.map(\.name), "rate_limits")
        checkUnique(configuration.rooms.map(\.name), "rooms")
        checkUnique(configuration.upstreams.map(\.name), "upstreams")
    }

    private mutating func checkUnique(_ names: [String], _ section: String) {
        for (index, name) in names.enumerated() {
            guard let first = names.firstIndex(of: name), first < index, !name.isEmpty else {
                continue
            }
            let earlier =
                origins.line(of: "\(section)[\(first)].name").map { " in line \($0)" } ?? ""
            report(
                .duplicateName,
                "\(section)[\(index)].name",
                "`\(name)` names an entry of `\(section)`\(earlier) already"
            )
        }
    }

    mutating func checkReferences() {
        let upstreams = configuration.upstreams.map(\.name)
        let limits = configuration.rateLimits.map(\.name)
        let rooms = configuration.rooms.map(\.name)
        for (index, route) in configuration.routes.enumerated() {
            let path = "routes[\(index)]"
            if case .proxy(let name) = route.action {
                checkReference(name, in: upstreams, .unknownUpstream, "\(path).proxy", "upstream")
            }
            for (position, name) in route.limits.enumerated() {
                checkReference(
                    name,
                    in: limits,
                    .unknownRateLimit,
                    "\(path).limits[\(position)]",
                    "rate limit"
                )
            }
            if let name = route.room {
                checkReference(name, in: rooms, .unknownRoom, "\(path).room", "room")
            }
        }
        if let name = configuration.sessions.upstream {
            checkReference(name, in: upstreams, .unknownUpstream, "sessions.upstream", "upstream")
        }
    }

    private mutating func checkReference(
        _ name: String,
        in names: [String],
        _ code: ProblemCode,
        _ path: String,
        _ kind: String
    ) {
        let section = kind.replacing(" ", with: "_") + "s"
        guard !names.contains(name), !decoded.isUnread(section) else { return }
        let known = names.filter { !$0.isEmpty }
        let hint =
            nearestName(to: name, among: known).map { "did you mean `\($0)`?" }
            ?? (known.isEmpty ? "no \(kind) is defined" : "defined are \(choice(of: known))")
        report(code, path, "there is no \(kind) `\(name)`", hint: hint)
    }
}
