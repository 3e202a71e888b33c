import Synchronization

/// All figures in Prometheus' text format, summed over the workers when they are asked for.
struct Metrics {
    let shared: SharedState

    var text: String {
        var text = MetricsText()
        addConnections(to: &text)
        addOverload(to: &text)
        addRequests(to: &text)
        addLosses(to: &text)
        addUpstreams(to: &text)
        addCache(to: &text)
        addLimits(to: &text)
        addRooms(to: &text)
        addConfiguration(to: &text)
        return text.lines
    }

    private func sum(_ counter: (WorkerCounters) -> Int) -> Int {
        shared.counters.reduce(0) { $0 + counter($1) }
    }

    private func addConnections(to text: inout MetricsText) {
        text.counter(
            "haniel_connections_accepted_total",
            "Client connections accepted.",
            sum { $0.connectionsAccepted.load(ordering: .relaxed) }
        )
        text.counter(
            "haniel_connections_refused_total",
            "Client connections refused by a limit.",
            sum { $0.connectionsRefused.load(ordering: .relaxed) }
        )
        text.counter(
            "haniel_connections_evicted_total",
            "Silent client connections closed to make room for others.",
            sum { $0.connectionsEvicted.load(ordering: .relaxed) }
        )
        text.gauge(
            "haniel_connections",
            "Client connections open.",
            sum { $0.connectionsOpen.load(ordering: .relaxed) }
        )
        text.gauge(
            "haniel_connections_asleep",
            "Client connections silent for so long that no task waits for them.",
            sum { $0.connectionsAsleep.load(ordering: .relaxed) }
        )
        text.gauge(
            "haniel_websockets",
            "WebSockets open.",
            sum { $0.tunnelsOpen.load(ordering: .relaxed) }
        )
        text.head("haniel_tls_handshakes_total", "counter", "TLS handshakes by result.")
        let all = sum { $0.handshakes.load(ordering: .relaxed) }
        let resumed = sum { $0.handshakesResumed.load(ordering: .relaxed) }
        text.sample("haniel_tls_handshakes_total", [("result", "full")], all - resumed)
        text.sample("haniel_tls_handshakes_total", [("result", "resumed")], resumed)
        text.sample(
            "haniel_tls_handshakes_total",
            [("result", "failed")],
            sum { $0.handshakesFailed.load(ordering: .relaxed) }
        )
        let lag =
            shared.counters.map { $0.longestTurnNanoseconds.load(ordering: .relaxed) }.max() ?? 0
        text.gauge(
            "haniel_event_loop_lag_seconds",
            "Longest turn of an event loop in the last quarter second.",
            Double(lag) / 1e9
        )
    }

    private func addOverload(to text: inout MetricsText) {
        let levels = shared.counters.map { $0.overloadLevel.load(ordering: .relaxed) }
        text.gauge(
            "haniel_overload_level",
            "What is left undone: 0 nothing, 1 keep-alive, 2 buffers, 3 admissions, 4 answers, 5 accepting.",
            levels.max() ?? 0
        )
        let delay =
            shared.counters.map { $0.queueDelayNanoseconds.load(ordering: .relaxed) }.max() ?? 0
        text.gauge(
            "haniel_queue_delay_seconds",
            "How long what is ready waits for its turn.",
            Double(delay) / 1e9
        )
        text.counter(
            "haniel_requests_shed_total",
            "Requests answered 503 because of overload.",
            sum { $0.requestsShed.load(ordering: .relaxed) }
        )
    }

    private func addRequests(to text: inout MetricsText) {
        text.head("haniel_http_requests_total", "counter", "Requests answered, by class of status.")
        for hundreds in 1...5 {
            text.sample(
                "haniel_http_requests_total",
                [("code", "\(hundreds)xx")],
                sum { $0.requests(hundreds: hundreds) }
            )
        }
        text.gauge(
            "haniel_http_requests_in_flight",
            "Requests being answered.",
            sum { $0.requestsInFlight.load(ordering: .relaxed) }
        )
        text.head(
            "haniel_http_request_duration_seconds",
            "histogram",
            "Time from a request's head to the end of its response."
        )
        var total = 0
        for index in 0...DurationHistogram.bounds.count {
            total += sum { $0.durations.count(index) }
            let bound =
                index < DurationHistogram.bounds.count
                ? "\(DurationHistogram.bounds[index])" : "+Inf"
            text.sample("haniel_http_request_duration_seconds_bucket", [("le", bound)], total)
        }
        let seconds = shared.counters.reduce(0) { $0 + $1.durations.sumSeconds }
        text.sample("haniel_http_request_duration_seconds_sum", [], seconds)
        text.sample("haniel_http_request_duration_seconds_count", [], total)
        text.counter(
            "haniel_waf_blocked_total",
            "Requests that the rules refused.",
            sum { $0.rulesBlocked.load(ordering: .relaxed) }
        )
        text.counter(
            "haniel_waf_matched_total",
            "Requests with a rule match.",
            sum { $0.rulesMatched.load(ordering: .relaxed) }
        )
    }

    /// What was let go because something was full: none of it should ever grow.
    private func addLosses(to text: inout MetricsText) {
        let limiter = shared.rateLimiter
        text.head(
            "haniel_losses_total",
            "counter",
            "What was let go because a table or a queue was full."
        )
        let rows = [
            ("log_lines", (shared.accessLog?.droppedBufferCount ?? 0) + securityLogLosses),
            ("ratelimit_checks", Int(clamping: limiter.contendedCount)),
            ("ratelimit_keys", Int(clamping: limiter.forgottenCount)),
            ("connection_clients", Int(clamping: shared.connectionLimit.untrackedCount)),
        ]
        for (kind, count) in rows { text.sample("haniel_losses_total", [("kind", kind)], count) }
    }

    private var securityLogLosses: Int {
        guard let log = shared.securityLog, log !== shared.accessLog else { return 0 }
        return log.droppedBufferCount
    }

    private func addUpstreams(to text: inout MetricsText) {
        let upstreams = shared.snapshot?.upstreams ?? []
        let rows = upstreams.flatMap { upstream in
            upstream.servers.map { ([("pool", upstream.name), ("server", $0.name)], $0) }
        }
        text.head(
            "haniel_upstream_up",
            "gauge",
            "Whether health checks are content with the server."
        )
        for (labels, server) in rows {
            text.sample("haniel_upstream_up", labels, server.passesHealthChecks ? 1 : 0)
        }
        text.head(
            "haniel_upstream_requests_total",
            "counter",
            "Responses that came from the server."
        )
        for (labels, server) in rows {
            text.sample(
                "haniel_upstream_requests_total",
                labels,
                Int(clamping: server.requestCount.load(ordering: .relaxed))
            )
        }
        text.head(
            "haniel_upstream_failures_total",
            "counter",
            "Requests that failed by the server's fault."
        )
        for (labels, server) in rows {
            text.sample(
                "haniel_upstream_failures_total",
                labels,
                Int(clamping: server.failureCount.load(ordering: .relaxed))
            )
        }
    }

    private func addConfiguration(to text: inout MetricsText) {
        text.gauge(
            "haniel_config_generation",
            "Generation of the configuration in force.",
            shared.generation
        )
        text.gauge(
            "haniel_config_last_reload_success",
            "Whether the last reload was put into force.",
            shared.reloads.hasSucceeded ? 1 : 0
        )
        text.gauge(
            "haniel_config_last_reload_timestamp_seconds",
            "When the last reload was tried.",
            shared.reloads.atSeconds
        )
        let name = "haniel_tls_certificate_not_after_timestamp_seconds"
        text.head(name, "gauge", "When a certificate in force expires.")
        for (file, seconds) in shared.snapshot?.certificateExpiries ?? [] {
            text.sample(name, [("certificate", file)], seconds)
        }
    }
}

/// Lines of Prometheus' text format.
struct MetricsText {
    private(set) var lines = ""

    mutating func head(_ name: String, _ type: String, _ help: String) {
        lines += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    mutating func sample(
        _ name: String,
        _ labels: [(String, String)],
        _ value: some CustomStringConvertible
    ) {
        let inside = labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
        lines += inside.isEmpty ? "\(name) \(value)\n" : "\(name){\(inside)} \(value)\n"
    }

    mutating func counter(_ name: String, _ help: String, _ value: Int) {
        head(name, "counter", help)
        sample(name, [], value)
    }

    mutating func gauge(_ name: String, _ help: String, _ value: some CustomStringConvertible) {
        head(name, "gauge", help)
        sample(name, [], value)
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.append(character)
            }
        }
        return result
    }
}
