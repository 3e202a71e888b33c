// The keys of the file, section by section: name, property, kind of value and its range. The defaults stand at the
// properties themselves.

extension Configuration: ConfigurationSection {
    static var unfilled: Configuration { Configuration() }

    static var keys: [ConfigurationKey<Configuration>] {
        [
            .init("workers", \.workers, .count(0...1024)),
            .init("user", \.user, .optional(.name)),
            .init("listeners", \.listeners, .list(.section), required: true),
            .init("tls", \.tls, .section),
            .init("admin", \.admin, .section),
            .init("client_address", \.clientAddress, .section),
            .init("geoip", \.geoIP, .section),
            .init("limits", \.limits, .section),
            .init("timeouts", \.timeouts, .section),
            .init("rate_limits", \.rateLimits, .list(.section)),
            .init("rules", \.rules, .section),
            .init("sessions", \.sessions, .section),
            .init("rooms", \.rooms, .list(.section)),
            .init("cache", \.cache, .section),
            .init("redis", \.redis, .section),
            .init("signing_secret", \.signingSecret, .optional(.path)),
            .init("former_signing_secrets", \.formerSigningSecrets, .list(.path)),
            .init("state", \.state, .optional(.path)),
            .init("upstreams", \.upstreams, .list(.section)),
            .init("routes", \.routes, .list(.section), required: true),
            .init("log", \.log, .section),
        ]
    }
}

extension Configuration.Listener: ConfigurationSection {
    static var unfilled: Self { Self(address: .unix(path: "")) }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init("address", \.address, .word, required: true),
            .init("tls", \.tls, .bool),
            .init("proxy_protocol", \.proxyProtocol, .bool),
            .init("redirect_to_https", \.redirectToHTTPS, .bool),
        ]
    }
}

extension Configuration.TLS: ConfigurationSection {
    static var unfilled: Self { Self() }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init("certificates", \.certificates, .list(.section)),
            .init("minimum_version", \.minimumVersion, .word),
            .init("session_tickets", \.sessionTickets, .bool),
        ]
    }
}

extension Configuration.Certificate: ConfigurationSection {
    static var unfilled: Self { Self(certificate: "", key: "") }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init("certificate", \.certificate, .path, required: true),
            .init("key", \.key, .path, required: true),
            .init("minimum_version", \.minimumVersion, .optional(.word)),
            .init("ciphers", \.ciphers, .optional(.cipherList)),
            .init("client_certificates", \.clientCertificates, .word),
            .init("client_authorities", \.clientAuthorities, .optional(.path)),
            .init("client_revocations", \.clientRevocations, .optional(.path)),
            .init("staple", \.staple, .optional(.path)),
        ]
    }
}

extension Configuration.Admin: ConfigurationSection {
    static var unfilled: Self { Self() }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init("address", \.address, .orOff(.word)),
            .init("origins", \.origins, .list(.origin)),
        ]
    }
}

extension Configuration.ClientAddress: ConfigurationSection {
    static var unfilled: Self { Self() }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init("trusted", \.trusted, .list(.word)),
            .init("header", \.header, .word),
        ]
    }
}

extension Configuration.Limits: ConfigurationSection {
    static var unfilled: Self { Self() }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init("request_line", \.requestLineBytes, .bytes(256...64 << 10)),
            .init("head", \.headBytes, .bytes(1 << 10...1 << 20)),
            .init("fields", \.fieldCount, .count(10...1000)),
            .init("body", \.bodyBytes, .bytes(0...1 << 40)),
            .init("body_rate", \.bodyBytesPerSecond, .bytes(0...1 << 30)),
            .init("connections", \.connectionCount, .count(1...10_000_000)),
            .init("connections_per_client", \.connectionsPerClient, .count(1...10_000_000)),
            .init("requests_per_connection", \.requestsPerConnection, .count(1...1_000_000_000)),
            .init("memory", \.memoryBytes, .optional(.bytes(64 << 20...1 << 50))),
            .init("streams", \.streamCount, .count(1...1000)),
            .init("websockets", \.tunnelCount, .count(1...1_000_000)),
        ]
    }
}

extension Configuration.Timeouts: ConfigurationSection {
    static var unfilled: Self { Self() }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init("handshake", \.handshake, .duration(.milliseconds(100) ... .seconds(300))),
            .init("head", \.head, .duration(.milliseconds(100) ... .seconds(300))),
            .init("body", \.body, .duration(.milliseconds(100) ... .seconds(3600))),
            .init(
                "body_total",
                \.bodyTotal,
                .duration(.milliseconds(100) ... .seconds(86_400))
            ),
            .init("keep_alive", \.keepAlive, .duration(.milliseconds(100) ... .seconds(3600))),
            .init("write", \.write, .duration(.milliseconds(100) ... .seconds(3600))),
            .init("websocket", \.tunnel, .duration(.seconds(1) ... .seconds(604_800))),
            .init("drain", \.drain, .duration(.zero ... .seconds(3600))),
        ]
    }
}

extension Configuration.RateLimit: ConfigurationSection {
    static var unfilled: Self { Self(name: "", rate: Rate(count: 0, period: .seconds(1))) }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init("name", \.name, .name, required: true),
            .init("rate", \.rate, .word, required: true),
            .init("burst", \.burst, .optional(.count(1...1_000_000))),
            .init("key", \.key, .word),
            .init("statuses", \.statuses, .list(.count(100...599))),
            .init(
                "cost_header",
                \.costHeader,
                .optional(.text("a field name") { isToken($0) && $0.utf8.count <= 64 })
            ),
            .init("mitigation", \.mitigation, .duration(.zero ... .seconds(86_400))),
            .init("dry_run", \.dryRun, .bool),
            .init("gateways", \.gateways, .count(1...100)),
        ]
    }
}

extension Configuration.Rules: ConfigurationSection {
    static var unfilled: Self { Self() }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init("mode", \.mode, .optional(.word)),
            .init("files", \.files, .list(.path)),
            .init("paranoia", \.paranoia, .optional(.count(1...4))),
            .init("budget", \.budget, .duration(.milliseconds(1) ... .seconds(10))),
            .init("on_budget", \.onBudget, .word),
            .init("report", \.report, .bool),
            .init("request_body", \.requestBody, .bool),
            .init("collections", \.collections, .word),
        ]
    }
}

extension Configuration.Sessions: ConfigurationSection {
    static var unfilled: Self { Self() }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init(
                "cookie",
                \.cookie,
                .text("a cookie name") { isToken($0) && $0.utf8.count <= 128 }
            ),
            .init("store", \.store, .word),
            .init("upstream", \.upstream, .optional(.name)),
            .init("path", \.path, .requestPath),
            .init("remember", \.remember, .duration(.zero ... .seconds(3600))),
            .init("assertion_key", \.assertionKey, .optional(.path)),
            .init(
                "redis_prefix",
                \.redisPrefix,
                .text("a key prefix of at most 64 bytes") {
                    $0.isPrintableLine && $0.utf8.count <= 64
                }
            ),
        ]
    }
}

extension Configuration.Cache: ConfigurationSection {
    static var unfilled: Self { Self() }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init("enabled", \.enabled, .bool),
            .init("memory", \.memoryBytes, .bytes(1 << 20...1 << 40)),
            .init("object", \.objectBytes, .bytes(1 << 10...1 << 30)),
        ]
    }
}

extension Configuration.GeoIP: ConfigurationSection {
    static var unfilled: Self { Self() }

    static var keys: [ConfigurationKey<Self>] {
        [.init("database", \.database, .optional(.path))]
    }
}

extension Configuration.Redis: ConfigurationSection {
    static var unfilled: Self { Self() }

    static var keys: [ConfigurationKey<Self>] { [.init("url", \.url, .optional(.redisURL))] }
}

extension Configuration.Log: ConfigurationSection {
    static var unfilled: Self { Self() }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init("access", \.access, .word),
            .init("level", \.level, .word),
            .init("waf", \.waf, .word),
            .init("waf_form", \.wafForm, .word),
            .init("addresses", \.addresses, .word),
        ]
    }
}
