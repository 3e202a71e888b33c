// Listeners and routes: what no request can reach.
extension ConfigurationValidator {
    /// Whoever reaches such a listener can claim to be anybody, so that it has to be said who may.
    private mutating func checkForwarders(of listener: Configuration.Listener, _ path: String) {
        guard listener.proxyProtocol, configuration.clientAddress.trusted.isEmpty else { return }
        if case .unix = listener.address { return }
        report(
            .contradiction,
            "\(path).proxy_protocol",
            "nobody is trusted to say who the client is",
            hint: "name the forwarders' networks in client_address.trusted"
        )
    }

    /// Certificates of clients are a matter of TLS: where nobody speaks it, nobody is asked for one.
    private mutating func checkGuests(of listener: Configuration.Listener, _ path: String) {
        let certificates = configuration.tls.certificates
        guard !listener.tls, !listener.redirectToHTTPS,
            let index = certificates.firstIndex(where: { $0.clientCertificates != .off })
        else { return }
        warn(
            .contradiction,
            "\(path).address",
            "whoever comes here reaches the hosts of tls.certificates[\(index)] without a certificate",
            hint:
                "set `redirect_to_https: true`, or `tls: true`, or let nobody but those you trust connect"
        )
    }

    mutating func checkListeners() {
        if configuration.listeners.isEmpty {
            report(.nothingToDo, "listeners", "expected at least one listener")
        }
        var seen: [Address: String] = [:]
        for (index, listener) in configuration.listeners.enumerated() {
            let path = "listeners[\(index)]"
            if let first = seen[listener.address] {
                report(
                    .duplicateListener,
                    "\(path).address",
                    "\(listener.address.text) stands already in \(first)"
                )
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
                warn(
                    .addressInUse,
                    "\(path).address",
                    "\(listener.address.text) cannot be listened on now: \(reason)"
                )
            }
            checkForwarders(of: listener, path)
            checkGuests(of: listener, path)
            guard listener.redirectToHTTPS else { continue }
            if listener.tls {
                report(
                    .contradiction,
                    "\(path).redirect_to_https",
                    "a TLS listener cannot redirect to HTTPS"
                )
            } else if !configuration.listeners.contains(where: \.tls) {
                report(
                    .redirectWithoutTLS,
                    "\(path).redirect_to_https",
                    "there is no TLS listener to redirect to"
                )
            }
        }
        if let admin = configuration.admin.address, let listener = seen[admin] {
            report(
                .duplicateListener,
                "admin.address",
                "\(admin.text) is the address of \(listener)"
            )
        }
    }

    mutating func checkRoutes() {
        if configuration.routes.isEmpty {
            report(.nothingToDo, "routes", "expected at least one route")
        }
        let routes = configuration.routes
        for (index, route) in routes.enumerated() {
            guard let earlier = routes[..<index].firstIndex(where: { $0.covers(route) }) else {
                continue
            }
            let line = origins.line(of: "routes[\(earlier)]").map { " in line \($0)" } ?? ""
            warn(
                .unreachableRoute,
                "routes[\(index)]",
                "no request reaches this route: the route\(line) takes them all",
                hint: "put this one first"
            )
        }
        checkMethods()
        if configuration.cache.objectBytes > configuration.cache.memoryBytes {
            report(.contradiction, "cache.object", "expected at most `cache.memory`")
        }
    }
}

extension ConfigurationValidator {
    /// The methods that IANA has registered and that clients of the web use.
    private static let methods = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
        "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH",
        "QUERY",
    ]

    /// A method may have any name; one that almost has a known one is likely that.
    private mutating func checkMethods() {
        for (index, route) in configuration.routes.enumerated() {
            for (number, method) in route.methods.enumerated() where !Self.methods.contains(method) {
                guard let near = nearestName(to: method, among: Self.methods) else { continue }
                warn(
                    .unknownWord,
                    "routes[\(index)].methods[\(number)]",
                    "`\(method)` is no method that clients use",
                    hint: "did you mean `\(near)`?"
                )
            }
        }
    }
}

extension Configuration.Route {
    /// Whether every request that the other route would take is taken here.
    fileprivate func covers(_ other: Configuration.Route) -> Bool {
        let hasHosts =
            hosts.isEmpty
            || !other.hosts.isEmpty
                && other.hosts.allSatisfy { host in hosts.contains { $0.covers(host) } }
        let hasPaths =
            paths.isEmpty
            || !other.paths.isEmpty
                && other.paths.allSatisfy { path in paths.contains { $0.covers(path) } }
        let hasMethods =
            methods.isEmpty
            || !other.methods.isEmpty
                && other.methods.allSatisfy {
                    methods.contains($0) || $0 == "HEAD" && methods.contains("GET")
                }
        return hasHosts && hasPaths && hasMethods
    }
}
