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
        if sessions.store == .upstream,
            configuration.upstreams.first(where: { $0.name == sessions.upstream })?.version == .h2
        {
            report(
                .contradiction,
                "sessions.upstream",
                "sessions are asked for over HTTP/1.1, but this upstream has `protocol: h2`",
                hint:
                    "name an upstream with `protocol: http1`; it may have the same servers' other port"
            )
        }
        if sessions.store == .redis, configuration.redis.url == nil {
            report(.redisMissing, "sessions.store", "`store: redis` needs `redis.url`")
        }
        if configuration.rules.collections == .redis, configuration.redis.url == nil {
            report(.redisMissing, "rules.collections", "`collections: redis` needs `redis.url`")
        }
        for (index, limit) in configuration.rateLimits.enumerated()
        where limit.gateways > 1 && configuration.redis.url == nil {
            report(
                .redisMissing,
                "rate_limits[\(index)].gateways",
                "a shared limit needs `redis.url`"
            )
        }
        for (index, limit) in configuration.rateLimits.enumerated()
        where limit.key == .country && configuration.geoIP.database == nil {
            report(
                .missingKey,
                "rate_limits[\(index)].key",
                "countries are counted, but `geoip.database` names no database"
            )
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
            checkSchedule(of: room, path)
            checkChallenge(of: room, path)
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
    }

    private mutating func checkChallenge(of room: Configuration.Room, _ path: String) {
        guard room.challenge else { return }
        if room.challengeBitsMost < room.challengeBits {
            report(
                .contradiction,
                "\(path).challenge_bits_most",
                "expected \(room.challengeBits) or more, as `challenge_bits` says"
            )
        }
        if room.challengeHold >= room.grace {
            report(
                .contradiction,
                "\(path).challenge_hold",
                "expected less than \(Quantity.text(room.grace)), for which `grace` keeps a place"
            )
        }
    }

    private mutating func checkSchedule(of room: Configuration.Room, _ path: String) {
        if room.opensAt == nil {
            for (key, isGiven) in [
                ("prequeue", room.prequeue != nil), ("closes_at", room.closesAt != nil),
                ("every", room.every != nil), ("order", room.order == .random),
            ] where isGiven {
                report(.missingKey, "\(path).\(key)", "this needs `opens_at` beside it")
            }
        }
        if let opens = room.opensAt, let closes = room.closesAt,
            closes.milliseconds <= opens.milliseconds
        {
            report(.contradiction, "\(path).closes_at", "expected a time after `opens_at`")
        }
        guard let every = room.every, let opens = room.opensAt else { return }
        let length = (room.closesAt?.milliseconds ?? opens.milliseconds) - opens.milliseconds
        let span = Duration.milliseconds(length) + (room.prequeue ?? .zero)
        if span >= every {
            report(
                .contradiction,
                "\(path).every",
                "expected more than one opening takes, \(Quantity.text(span)) with its prequeue"
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
            if upstream.version == .h2, upstream.proxyProtocol != .off {
                report(
                    .contradiction,
                    "\(path).proxy_protocol",
                    "a connection of `protocol: h2` serves many clients and can name none of them",
                    hint: "leave out `proxy_protocol`; servers find the client in X-Forwarded-For"
                )
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
