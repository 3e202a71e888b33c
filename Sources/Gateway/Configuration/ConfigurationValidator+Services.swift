// Sessions, waiting rooms and upstreams: what they need from each other.
extension ConfigurationValidator {
    mutating func checkSessions() {
        let sessions = configuration.sessions
        if sessions.store == .upstream, sessions.upstream == nil {
            report(
                .missingKey,
                "sessions.store",
                "`store: upstream` needs the key `upstream` beside it"
            )
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
            report(
                .sessionsOff,
                "rate_limits[\(index)].key",
                "sessions are counted, but `sessions.store` is `off`"
            )
        }
    }

    mutating func checkRooms() {
        for (index, room) in configuration.rooms.enumerated() {
            let path = "rooms[\(index)]"
            if room.store == .redis, configuration.redis.url == nil {
                report(.redisMissing, "\(path).store", "`store: redis` needs `redis.url`")
            }
            if room.lease > room.session, origins["\(path).lease"] != nil {
                let session = Quantity.text(room.session)
                warn(
                    .contradiction,
                    "\(path).lease",
                    "the lease is longer than the session and is cut to \(session)"
                )
            }
            if room.paths.isEmpty, !configuration.routes.contains(where: { $0.room == room.name }) {
                warn(
                    .unused,
                    "\(path).name",
                    "room `\(room.name)` has no `paths` and no route names it"
                )
            }
        }
        if configuration.rooms.contains(where: { $0.store == .redis }),
            configuration.signingSecret == nil
        {
            warn(
                .contradiction,
                "signing_secret",
                "rooms in Redis need one `signing_secret` on every gateway",
                hint: "`haniel certs dev` writes one to certs/signing.key"
            )
        }
    }

    mutating func checkUpstreams() {
        let used = Set(
            configuration.routes.compactMap {
                if case .proxy(let name) = $0.action { name } else { nil }
            }
                + [configuration.sessions.upstream].compactMap { $0 }
        )
        for (index, upstream) in configuration.upstreams.enumerated() {
            let path = "upstreams[\(index)]"
            if upstream.servers.isEmpty {
                report(.nothingToDo, "\(path).servers", "expected at least one server")
            }
            for (position, server) in upstream.servers.enumerated()
            where upstream.servers.firstIndex(of: server) != position {
                report(
                    .duplicateName,
                    "\(path).servers[\(position)]",
                    "server \(server.text) is listed twice"
                )
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
}
