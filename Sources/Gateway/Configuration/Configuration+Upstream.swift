extension Configuration {
    /// A group of servers that answer the same requests.
    struct Upstream: Sendable, Equatable {
        /// Name that routes use. Required.
        var name: String
        /// Servers, as `host:port` or `unix:/path`. At least one.
        var servers: [Address]
        /// What the servers speak: `http1`, or `h2` (HTTP/2 without being asked, as gRPC servers do). Default http1.
        var version = UpstreamVersion.http1
        /// How a server is chosen: `least_requests` or `round_robin`. Default least_requests.
        var balance = Balance.leastRequests
        /// Idle connections kept per server and worker. Default 64; 0 to 100000.
        var keepAliveCount = 64
        /// Most connections per server and worker; one client gets seven eighths of them. Default 1024; 1 to 1000000.
        var connectionCount = 1024
        /// Requests after which a connection is not used again. Default 10000; 1 to 1000000000.
        var requestsPerConnection = 10_000
        /// Whether a connection begins with a PROXY protocol header that names the client: `off`, `v1` or `v2`. Such a
        /// connection serves one request. Default off.
        var proxyProtocol = ProxyProtocol.off
        /// Times after which the gateway stops waiting for a server.
        var timeouts = UpstreamTimeouts()
        /// Questions asked of every server to learn whether it is well.
        var health = HealthCheck()
        /// Further servers tried when a request may be repeated. Default 1; 0 to 10.
        var retries = 1
        /// When a server is left out because its answers fail.
        var ejection = Ejection()
    }

    /// The version of HTTP that an upstream speaks.
    enum UpstreamVersion: String, Sendable, CaseIterable {
        case http1
        case h2
    }

    /// What a connection to a server says about the client before its first request.
    enum ProxyProtocol: String, Sendable, CaseIterable {
        case off
        case v1
        case v2
    }

    /// How a server of an upstream is chosen.
    enum Balance: String, Sendable, CaseIterable {
        case leastRequests = "least_requests"
        case roundRobin = "round_robin"
    }

    /// Times after which the gateway stops waiting for a server.
    struct UpstreamTimeouts: Sendable, Equatable {
        /// For a connection. Default 2s; 10ms to 5m.
        var connect = Duration.seconds(2)
        /// For a server to take more of a request. Default 30s; 10ms to 1h.
        var send = Duration.seconds(30)
        /// For the response head, once the request is sent. Default 30s; 10ms to 1h.
        var response = Duration.seconds(30)
        /// Between two pieces of a response body. Default 60s; 10ms to 1d.
        var body = Duration.seconds(60)
        /// For which an unused connection is kept. Keep it below the server's own. Default 30s; 10ms to 1h.
        var idle = Duration.seconds(30)
    }

    /// Questions asked of every server of an upstream.
    struct HealthCheck: Sendable, Equatable {
        /// Path that answers 2xx or 3xx while the server is well. Default null: no questions are asked.
        var path: String?
        /// Time between two questions. Default 5s; 100ms to 1h.
        var interval = Duration.seconds(5)
        /// Time to answer; shorter than the interval. Default 2s; 10ms to 5m.
        var timeout = Duration.seconds(2)
        /// Good answers in a row before a server is used again. Default 2; 1 to 100.
        var rise = 2
        /// Bad answers in a row before a server is left out. Default 3; 1 to 100.
        var fall = 3
    }

    /// When a server is left out because requests to it fail.
    struct Ejection: Sendable, Equatable {
        /// Failures in a row before the server is left out; 0 never does. Default 5; 0 to 1000.
        var failures = 5
        /// For how long. Default 10s; 100ms to 1h.
        var duration = Duration.seconds(10)
    }
}
