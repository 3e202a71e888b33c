extension Configuration.Upstream: ConfigurationSection {
    static var unfilled: Self { Self(name: "", servers: []) }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init("name", \.name, .name, required: true),
            .init("servers", \.servers, .list(.word), required: true),
            .init("protocol", \.version, .word),
            .init("balance", \.balance, .word),
            .init("keep_alive", \.keepAliveCount, .count(0...100_000)),
            .init("max_connections", \.connectionCount, .count(1...1_000_000)),
            .init("max_requests", \.requestsPerConnection, .count(1...1_000_000_000)),
            .init("proxy_protocol", \.proxyProtocol, .word),
            .init("timeouts", \.timeouts, .section),
            .init("health", \.health, .section),
            .init("retries", \.retries, .count(0...10)),
            .init("ejection", \.ejection, .section),
        ]
    }
}

extension Configuration.UpstreamTimeouts: ConfigurationSection {
    static var unfilled: Self { Self() }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init("connect", \.connect, .duration(.milliseconds(10) ... .seconds(300))),
            .init("send", \.send, .duration(.milliseconds(10) ... .seconds(3600))),
            .init("response", \.response, .duration(.milliseconds(10) ... .seconds(3600))),
            .init("body", \.body, .duration(.milliseconds(10) ... .seconds(86_400))),
            .init("idle", \.idle, .duration(.milliseconds(10) ... .seconds(3600))),
        ]
    }
}

extension Configuration.HealthCheck: ConfigurationSection {
    static var unfilled: Self { Self() }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init("path", \.path, .optional(.requestPath)),
            .init("interval", \.interval, .duration(.milliseconds(100) ... .seconds(3600))),
            .init("timeout", \.timeout, .duration(.milliseconds(10) ... .seconds(300))),
            .init("rise", \.rise, .count(1...100)),
            .init("fall", \.fall, .count(1...100)),
        ]
    }
}

extension Configuration.Ejection: ConfigurationSection {
    static var unfilled: Self { Self() }

    static var keys: [ConfigurationKey<Self>] {
        [
            .init("failures", \.failures, .count(0...1000)),
            .init("duration", \.duration, .duration(.milliseconds(100) ... .seconds(3600))),
        ]
    }
}
