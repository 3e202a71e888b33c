/// Checks what a single value cannot show: references, names used twice, routes that no request reaches, files.
struct ConfigurationValidator {
    private let decoded: DecodedConfiguration
    private let files: FileSystemView
    private var problems: [Problem] = []

    private var configuration: Configuration { decoded.configuration }
    private var origins: Origins { decoded.origins }

    /// All problems and warnings of a decoded configuration, without those that follow from what could not be read.
    static func problems(in decoded: DecodedConfiguration, files: FileSystemView) -> [Problem] {
        var validator = ConfigurationValidator(decoded: decoded, files: files)
        validator.checkListeners()
        validator.checkNames()
        validator.checkReferences()
        validator.checkSessions()
        validator.checkRooms()
        validator.checkUpstreams()
        validator.checkRoutes()
        validator.checkFiles()
        return validator.problems
    }

    private init(decoded: DecodedConfiguration, files: FileSystemView) {
        self.decoded = decoded
        self.files = files
    }

    // MARK: Listeners

    private mutating func checkListeners() {
        if configuration.listeners.isEmpty {
            report(.nothingToDo, "listeners", "expected at least one listener")
        }
        var seen: [Address: String] = [:]
        for (index, listener) in configuration.listeners.enumerated() {
            let path = "listeners[\(index)]"
            if let first = seen[listener.address] {
                report(.duplicateListener, "\(path).address", "\(listener.address.text) stands already in \(first)")
            }
            seen[listener.address] = path
            if case .name = listener.address {
                report(
                    .badValue,
                    "\(path).address",
                    "expected a literal address to listen on, found a host name",
                    hint: "write 127.0.0.1 for localhost, 0.0.0.0 for every interface"
                )
            } else if let reason = files.listenProblem(listener.address) {
                warn(.addressInUse, "\(path).address", "\(listener.address.text) cannot be listened on now: \(reason)")
            }
            guard listener.redirectToHTTPS else { continue }
            if listener.tls {
                report(.contradiction, "\(path).redirect_to_https", "a TLS listener cannot redirect to HTTPS")
            } else if !configuration.listeners.contains(where: \.tls) {
                report(.redirectWithoutTLS, "\(path).redirect_to_https", "there is no TLS listener to redirect to")
            }
        }
        if let admin = configuration.admin.address, let listener = seen[admin] {
            report(.duplicateListener, "admin.address", "\(admin.text) is the address of \(listener)")
        }
    }

    // MARK: Names and references

    private mutating func checkNames() {
        checkUnique(configuration.rateLimits.map(\.name), "rate_limits")
        checkUnique(configuration.rooms.map(\.name), "rooms")
        checkUnique(configuration.upstreams.map(\.name), "upstreams")
    }

    private mutating func checkUnique(_ names: [String], _ section: String) {
        for (index, name) in names.enumerated() {
            guard let first = names.firstIndex(of: name), first < index, !name.isEmpty else { continue }
            let earlier = origins.line(of: "\(section)[\(first)].name").map { " in line \($0)" } ?? ""
            report(
                .duplicateName,
                "\(section)[\(index)].name",
                "`\(name)` names an entry of `\(section)`\(earlier) already"
            )
        }
    }

    private mutating func checkReferences() {
        let upstreams = configuration.upstreams.map(\.name)
        let limits = configuration.rateLimits.map(\.name)
        let rooms = configuration.rooms.map(\.name)
        for (index, route) in configuration.routes.enumerated() {
            let path = "routes[\(index)]"
            if case .proxy(let name) = route.action {
                checkReference(name, in: upstreams, .unknownUpstream, "\(path).proxy", "upstream")
            }
            for (position, name) in route.limits.enumerated() {
                checkReference(name, in: limits, .unknownRateLimit, "\(path).limits[\(position)]", "rate limit")
            }
            if let name = route.room { checkReference(name, in: rooms, .unknownRoom, "\(path).room", "room") }
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

    // MARK: Sessions, rooms, upstreams

    private mutating func checkSessions() {
        let sessions = configuration.sessions
        if sessions.store == .upstream, sessions.upstream == nil {
            report(.missingKey, "sessions.store", "`store: upstream` needs the key `upstream` beside it")
        }
        if sessions.store == .redis, configuration.redis.url == nil {
            report(.redisMissing, "sessions.store", "`store: redis` needs `redis.url`")
        }
        guard sessions.store == .off else { return }
        for (index, route) in configuration.routes.enumerated() where route.session != .none {
            report(
                .sessionsOff,
                "routes[\(index)].session",
                "a session is asked for, but `sessions.store` is `off`",
                hint: "set sessions.store to `upstream` or `redis`"
            )
        }
        for (index, limit) in configuration.rateLimits.enumerated() where limit.key == .session {
            report(.sessionsOff, "rate_limits[\(index)].key", "sessions are counted, but `sessions.store` is `off`")
        }
    }

    private mutating func checkRooms() {
        for (index, room) in configuration.rooms.enumerated() {
            let path = "rooms[\(index)]"
            if room.store == .redis, configuration.redis.url == nil {
                report(.redisMissing, "\(path).store", "`store: redis` needs `redis.url`")
            }
            if room.lease > room.session, origins["\(path).lease"] != nil {
                let session = Quantity.text(room.session)
                warn(.contradiction, "\(path).lease", "the lease is longer than the session and is cut to \(session)")
            }
            if room.paths.isEmpty, !configuration.routes.contains(where: { $0.room == room.name }) {
                warn(.unused, "\(path).name", "room `\(room.name)` has no `paths` and no route names it")
            }
        }
        if configuration.rooms.contains(where: { $0.store == .redis }), configuration.signingSecret == nil {
            warn(
                .contradiction,
                "signing_secret",
                "rooms in Redis need one `signing_secret` on every gateway",
                hint: "`haniel certs dev` writes one to certs/signing.key"
            )
        }
    }

    private mutating func checkUpstreams() {
        let used = Set(
            configuration.routes.compactMap { if case .proxy(let name) = $0.action { name } else { nil } }
                + [configuration.sessions.upstream].compactMap { $0 }
        )
        for (index, upstream) in configuration.upstreams.enumerated() {
            let path = "upstreams[\(index)]"
            if upstream.servers.isEmpty {
                report(.nothingToDo, "\(path).servers", "expected at least one server")
            }
            for (position, server) in upstream.servers.enumerated()
            where upstream.servers.firstIndex(of: server) != position {
                report(.duplicateName, "\(path).servers[\(position)]", "server \(server.text) is listed twice")
            }
            if upstream.health.path != nil, upstream.health.timeout > upstream.health.interval {
                report(
                    .contradiction,
                    "\(path).health.timeout",
                    "expected at most the interval of \(Quantity.text(upstream.health.interval))"
                )
            }
            if !used.contains(upstream.name) {
                warn(.unused, "\(path).name", "upstream `\(upstream.name)` is used by no route")
            }
        }
    }

    // MARK: Routes

    private mutating func checkRoutes() {
        if configuration.routes.isEmpty {
            report(.nothingToDo, "routes", "expected at least one route")
        }
        let routes = configuration.routes
        for (index, route) in routes.enumerated() {
            guard let earlier = routes[..<index].firstIndex(where: { $0.covers(route) }) else { continue }
            let line = origins.line(of: "routes[\(earlier)]").map { " in line \($0)" } ?? ""
            warn(
                .unreachableRoute,
                "routes[\(index)]",
                "no request reaches this route: the route\(line) takes them all",
                hint: "put this one first"
            )
        }
        if configuration.cache.objectBytes > configuration.cache.memoryBytes {
            report(.contradiction, "cache.object", "expected at most `cache.memory`")
        }
    }

    // MARK: Files

    private mutating func checkFiles() {
        for (index, certificate) in configuration.tls.certificates.enumerated() {
            let path = "tls.certificates[\(index)]"
            let hasFiles = [
                checkFile(certificate.certificate, "\(path).certificate"), checkFile(certificate.key, "\(path).key"),
            ].allSatisfy { $0 }
            guard hasFiles, let problem = files.certificateProblem(certificate) else { continue }
            let key = problem.code == .keyMismatch ? "key" : "certificate"
            add(problem.severity, problem.code, "\(path).\(key)", problem.message, hint: problem.hint)
        }
        for (index, pattern) in configuration.rules.files.enumerated() {
            let path = "rules.files[\(index)]"
            guard pattern.contains(where: { "*?[".contains($0) }) else {
                _ = checkFile(pattern, path)
                continue
            }
            if files.matches(pattern).isEmpty { warn(.emptyGlob, path, "no file matches `\(pattern)`") }
        }
        if let key = configuration.sessions.assertionKey { _ = checkFile(key, "sessions.assertion_key") }
        if let secret = configuration.signingSecret { _ = checkFile(secret, "signing_secret") }
        for (index, route) in configuration.routes.enumerated() {
            guard case .files(let served) = route.action, !served.root.isEmpty else { continue }
            if files.kind(served.root) != .directory {
                report(.notADirectory, "routes[\(index)].files.root", "there is no directory `\(served.root)`")
            }
        }
    }

    private mutating func checkFile(_ file: String, _ path: String) -> Bool {
        guard !file.isEmpty else { return false }
        switch files.kind(file) {
        case .file: return true
        case .directory: report(.missingFile, path, "expected a file, found the directory `\(file)`")
        case nil:
            report(
                .missingFile,
                path,
                "there is no readable file `\(file)`",
                hint: file.hasPrefix("/") ? nil : "paths are relative to the working directory"
            )
        }
        return false
    }

    // MARK: Reporting

    private mutating func report(_ code: ProblemCode, _ path: String, _ message: String, hint: String? = nil) {
        add(.error, code, path, message, hint: hint)
    }

    private mutating func warn(_ code: ProblemCode, _ path: String, _ message: String, hint: String? = nil) {
        add(.warning, code, path, message, hint: hint)
    }

    private mutating func add(
        _ severity: Problem.Severity,
        _ code: ProblemCode,
        _ path: String,
        _ message: String,
        hint: String?
    ) {
        // Where something was not read, the default stands in its place, and a warning about it would be a riddle.
        guard !decoded.isUnread(path), severity == .error || decoded.unread.isEmpty else { return }
        let file = decoded.source.file
        let place = origins.place(of: path, fallback: file.isEmpty ? .flag("haniel") : .file(file))
        problems.append(
            Problem(severity: severity, code: code, message: "\(path): \(message)", place: place, hint: hint)
        )
    }
}

extension Origins {
    /// The line a value stands in, if it comes from a file.
    fileprivate func line(of path: String) -> Int? {
        guard case .file(let span, _) = self[path] else { return nil }
        return span.line
    }
}

extension Configuration.Route {
    /// Whether every request that the other route would take is taken here.
    fileprivate func covers(_ other: Configuration.Route) -> Bool {
        let hasHosts =
            hosts.isEmpty
            || !other.hosts.isEmpty && other.hosts.allSatisfy { host in hosts.contains { $0.covers(host) } }
        let hasPaths =
            paths.isEmpty
            || !other.paths.isEmpty && other.paths.allSatisfy { path in paths.contains { $0.covers(path) } }
        let hasMethods =
            methods.isEmpty
            || !other.methods.isEmpty
                && other.methods.allSatisfy { methods.contains($0) || $0 == "HEAD" && methods.contains("GET") }
        return hasHosts && hasPaths && hasMethods
    }
}
