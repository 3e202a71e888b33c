import HTTP
import Transport

/// One worker's access log: ECS lines, gathered and handed to the writing thread. Confined to its worker.
final class AccessLog {
    private let file: LogFile?
    private let lines = OutputBuffer(limitBytes: 1 << 20)
    private let date: DateField
    private var second = 0
    private let timestamp = OutputBuffer(limitBytes: 64)

    /// Lines are handed over when they fill this much, and otherwise with each tick of the worker.
    private static let batchBytes = 32 << 10

    init(file: LogFile?, date: DateField) {
        self.file = file
        self.date = date
    }

    /// Writes the line of an exchange whose response has been sent, or could not be.
    func write(_ exchange: Exchange, status: Int, at now: Instant) {
        guard file != nil else { return }
        var line = JSONLine(to: lines)
        line.add("@timestamp") { appendTimestamp(at: now, to: $0) }
        line.add("ecs.version", "9.0.0" as StaticString)
        line.add("event.dataset", "haniel.access" as StaticString)
        line.add("event.duration", Int(clamping: now.nanoseconds(since: exchange.startedAt)))
        line.add("http.request.id") { exchange.id.append(to: $0) }
        Self.addRequest(exchange, to: &line)
        line.add("http.response.status_code", status)
        line.add("http.response.body.bytes", exchange.trace.sentBytes)
        Self.addTrace(exchange, to: &line)
        end(line)
    }

    /// Writes the line of a request that could not be read: nothing of its head can be trusted.
    func writeRefused(_ exchange: Exchange, failure: Failure, at now: Instant) {
        guard file != nil else { return }
        var line = JSONLine(to: lines)
        line.add("@timestamp") { appendTimestamp(at: now, to: $0) }
        line.add("ecs.version", "9.0.0" as StaticString)
        line.add("event.dataset", "haniel.access" as StaticString)
        line.add("http.request.id") { exchange.id.append(to: $0) }
        line.add("source.ip", exchange.peer.description)
        line.add("http.response.status_code", failure.status)
        line.add("error.code", failure.reason)
        end(line)
    }

    private func end(_ line: JSONLine) {
        line.end()
        if lines.isFull { lines.removeAll(keepingCapacity: true) }
        if lines.count >= Self.batchBytes { handOver() }
    }

    /// Gives what has gathered to the writing thread.
    func handOver() {
        guard !lines.isEmpty else { return }
        file?.append(lines.readable.bytes)
        lines.removeAll(keepingCapacity: true)
    }

    private static func addRequest(_ exchange: Exchange, to line: inout JSONLine) {
        let head = exchange.head
        line.add("http.request.method", head.methodName, limit: 32)
        line.add("http.version", head.version == .http11 ? "1.1" : "1.0" as StaticString)
        line.add("url.domain", head.host)
        line.add("url.path", head.target.path)
        if let query = head.target.query { line.add("url.query", query) }
        line.add("source.ip", exchange.peerText)
        if exchange.client != exchange.peer { line.add("client.ip", exchange.clientText) }
        if let agent = head.first(of: .userAgent) { line.add("user_agent.original", agent, limit: 512) }
        if let referrer = head.first(of: .referer) { line.add("http.request.referrer", referrer, limit: 512) }
        if exchange.body.receivedBytes > 0 { line.add("http.request.body.bytes", exchange.body.receivedBytes) }
        if let tls = exchange.tls {
            line.add("tls.version", tls.version == "TLSv1.3" ? "1.3" : "1.2" as StaticString)
            line.add("tls.resumed", tls.isResumed)
        }
    }

    private static func addTrace(_ exchange: Exchange, to line: inout JSONLine) {
        let trace = exchange.trace
        if let route = exchange.route { line.add("haniel.route", route.label) }
        if let server = trace.server {
            line.add("server.address", server.name)
            line.add("haniel.upstream.attempts", trace.attempts)
            line.add("haniel.upstream.duration", Int(clamping: trace.upstreamNanoseconds))
            line.add("haniel.upstream.reused", trace.reusedConnection)
        }
        if let status = trace.cacheStatus { line.add("haniel.cache.status", status) }
        if let user = exchange.session?.subject { line.add("user.id", user) }
        if let reason = trace.reason { line.add("event.reason", reason) }
        if let detail = trace.detail { line.add("error.message", detail) }
    }

    /// `2026-01-31T12:00:00.123Z`; the part up to the second is made once a second.
    private func appendTimestamp(at now: Instant, to output: OutputBuffer) {
        let milliseconds = date.wallMilliseconds(at: now)
        let seconds = Int(clamping: milliseconds / 1000)
        if seconds != second {
            second = seconds
            timestamp.removeAll(keepingCapacity: true)
            timestamp.append(Timestamp.text(seconds: seconds))
        }
        output.append(timestamp.readable)
        let fraction = Int(milliseconds % 1000)
        output.append(fraction < 10 ? ".00" : fraction < 100 ? ".0" : ".")
        output.append(decimal: fraction)
        output.append("Z")
    }
}
