import HTTP
import Locations
import Transport

/// One worker's access log: ECS lines, gathered and handed to the writing thread. Confined to its worker.
final class AccessLog {
    private let file: LogFile?
    private let lines = OutputBuffer(limitBytes: 1 << 20)
    private let date: DateField
    private var second = 0
    private let timestamp = OutputBuffer(limitBytes: 64)

    /// Lines are handed over when they fill this much, and otherwise with each tick of the worker.
    private static let batchBytes = 64 << 10

    init(file: LogFile?, date: DateField) {
        self.file = file
        self.date = date
    }

    /// Writes the line of an exchange whose response has been sent, or could not be.
    func write(_ exchange: Exchange, status: Int, at now: Instant) {
        guard file != nil else { return }
        var line = begin(exchange, at: now)
        line.add(literal: #","event.duration":"#)
        lines.append(decimal: Int(clamping: now.nanoseconds(since: exchange.startedAt)))
        addRequest(exchange, to: &line)
        line.add(literal: #","http.response.status_code":"#)
        lines.append(decimal: status)
        line.add(literal: #","http.response.body.bytes":"#)
        lines.append(decimal: exchange.trace.sentBytes)
        addTrace(exchange, to: &line)
        end(line)
    }

    /// Writes the line of a request that could not be read: nothing of its head can be trusted.
    func writeRefused(_ exchange: Exchange, failure: Failure, at now: Instant) {
        guard file != nil else { return }
        var line = begin(exchange, at: now)
        line.add("source.ip", exchange.loggedPeer)
        line.add("http.response.status_code", failure.status)
        line.add("event.reason", failure.reason)
        end(line)
    }

    private func end(_ line: JSONLine) {
        line.end()
        if lines.isFull { lines.removeAll(keepingCapacity: true) }
        if lines.count >= Self.batchBytes { handOver() }
    }

    private func begin(_ exchange: Exchange, at now: Instant) -> JSONLine {
        var line = JSONLine(to: lines)
        line.add(literal: #""@timestamp":""#)
        appendTimestamp(at: now)
        line.add(
            literal: #"","ecs.version":"9.0.0","event.dataset":"haniel.access","http.request.id":""#
        )
        exchange.id.append(to: lines)
        line.add(literal: #"""#)
        return line
    }

    /// Gives what has gathered to the writing thread.
    func handOver() {
        guard !lines.isEmpty else { return }
        file?.append(lines.readable.bytes)
        lines.removeAll(keepingCapacity: true)
    }

    private func addRequest(_ exchange: Exchange, to line: inout JSONLine) {
        let head = exchange.head
        let target = head.target
        line.add(literal: #","http.request.method":"#)
        line.add(string: head.methodName, limit: 32)
        line.add(literal: Self.member(of: head.version))
        line.add(literal: #","url.domain":"#)
        line.add(string: head.host)
        line.add(literal: #","url.path":"#)
        line.add(string: target.path)
        if let query = target.query {
            line.add(literal: #","url.query":"#)
            line.add(string: query)
        }
        line.add(literal: #","source.ip":"#)
        line.add(string: exchange.loggedPeer)
        if exchange.client != exchange.peer { line.add("client.ip", exchange.loggedClient) }
        if let country = exchange.country {
            line.add("client.geo.country_iso_code", country.description)
        }
        if let agent = head.first(of: .userAgent) {
            line.add(literal: #","user_agent.original":"#)
            line.add(string: agent, limit: 512)
        }
        if let referrer = head.first(of: .referer) {
            line.add("http.request.referrer", referrer, limit: 512)
        }
        if exchange.body.receivedBytes > 0 {
            line.add("http.request.body.bytes", exchange.body.receivedBytes)
        }
        if let tls = exchange.tls {
            line.add(literal: tls.isLatest ? #","tls.version":"1.3""# : #","tls.version":"1.2""#)
            if let client = tls.client { line.add("tls.client.subject", client.subject) }
            if !exchange.fingerprint.isEmpty {
                line.add(literal: #","tls.client.ja4":"#)
                line.add(string: exchange.fingerprint)
            }
            line.add(literal: tls.isResumed ? #","tls.resumed":true"# : #","tls.resumed":false"#)
        }
    }

    private static func member(of version: HTTPVersion) -> StaticString {
        switch version {
        case .http10: #","http.version":"1.0""#
        case .http11: #","http.version":"1.1""#
        case .http2: #","http.version":"2""#
        }
    }

    private func addTrace(_ exchange: Exchange, to line: inout JSONLine) {
        let trace = exchange.trace
        if let route = exchange.route {
            line.add(literal: #","haniel.route":"#)
            line.add(string: route.label)
        }
        if let server = trace.server {
            line.add(literal: #","server.address":"#)
            line.add(string: server.name)
            line.add(literal: #","haniel.upstream.attempts":"#)
            lines.append(decimal: trace.attempts)
            line.add(literal: #","haniel.upstream.duration":"#)
            lines.append(decimal: Int(clamping: trace.upstreamNanoseconds))
            let wasReused = trace.reusedConnection
            line.add(
                literal: wasReused
                    ? #","haniel.upstream.reused":true"# : #","haniel.upstream.reused":false"#
            )
        }
        if let status = trace.cacheStatus { line.add("haniel.cache.status", status) }
        if let parent = exchange.head.first(of: .traceparent), let trace = TraceParent(parent) {
            line.add("trace.id", trace.traceID)
        }
        if let user = exchange.session?.subject { line.add("user.id", user) }
        if let reason = trace.reason { line.add("event.reason", reason) }
        if let detail = trace.detail { line.add("error.message", detail) }
    }

    /// `2026-01-31T12:00:00.123Z`; the part up to the second is made once a second.
    private func appendTimestamp(at now: Instant) {
        let milliseconds = date.wallMilliseconds(at: now)
        let seconds = Int(clamping: milliseconds / 1000)
        if seconds != second {
            second = seconds
            timestamp.removeAll(keepingCapacity: true)
            timestamp.append(Timestamp.text(seconds: seconds))
        }
        lines.append(timestamp.readable)
        let fraction = Int(milliseconds % 1000)
        lines.append(fraction < 10 ? ".00" : fraction < 100 ? ".0" : ".")
        lines.append(decimal: fraction)
        lines.append("Z")
    }
}
