import HTTP
import Logging
import Transport

/// Asks every server of one upstream, again and again, whether it is well. One worker does it for all.
struct HealthChecker {
    let upstream: Upstream
    let reactor: Reactor
    let log: ServiceLog

    /// Checks until `isCurrent` turns false, which a reload brings about.
    func run(while isCurrent: @escaping () -> Bool) async {
        guard let path = upstream.configuration.health.path else { return }
        var runs = [(good: Int, bad: Int)](repeating: (0, 0), count: upstream.servers.count)
        while isCurrent() {
            for (index, server) in upstream.servers.enumerated() {
                let isWell = await check(server, path)
                runs[index] = isWell ? (runs[index].good + 1, 0) : (0, runs[index].bad + 1)
                note(server, good: runs[index].good, bad: runs[index].bad)
            }
            await reactor.sleep(for: upstream.configuration.health.interval)
        }
    }

    private func note(_ server: ServerState, good: Int, bad: Int) {
        let health = upstream.configuration.health
        if server.passesHealthChecks, bad >= health.fall {
            server.setHealthy(false)
            log.warning(
                "server is not well and gets no requests",
                ["upstream": upstream.name, "server": server.name]
            )
        } else if !server.passesHealthChecks, good >= health.rise {
            server.setHealthy(true)
            log.notice("server is well again", ["upstream": upstream.name, "server": server.name])
        }
    }

    private func check(_ server: ServerState, _ path: String) async -> Bool {
        let deadline = reactor.now.advanced(by: upstream.configuration.health.timeout)
        let request = OutputBuffer(limitBytes: 4096)
        if upstream.configuration.version != .h2 { request.append(upstream.ownPreface) }
        request.append(
            "GET \(path) HTTP/1.1\r\nhost: \(upstream.name)\r\nuser-agent: haniel-health\r\n"
        )
        do {
            let stream = try await ByteStream.connect(
                to: server.address,
                on: reactor,
                until: deadline
            )
            let status =
                upstream.configuration.version == .h2
                ? try await statusOverHTTP2(stream, request, deadline)
                : try await status(stream, request, deadline)
            return (200..<400).contains(status)
        } catch {
            return false
        }
    }

    private func status(_ stream: ByteStream, _ request: OutputBuffer, _ deadline: Instant)
        async throws -> Int
    {
        let connection = UpstreamConnection(stream)
        defer { connection.close() }
        request.append("connection: close\r\n\r\n")
        try await stream.write(request.readable, until: deadline)
        try await connection.readHead(to: .get, until: deadline)
        return connection.parser.head.status
    }

    private func statusOverHTTP2(_ stream: ByteStream, _ request: OutputBuffer, _ deadline: Instant)
        async throws -> Int
    {
        let session = UpstreamSession(stream, upstream, through: OutputPool())
        defer { session.close() }
        request.appendCRLF()
        let head = request.readable
        guard let question = session.open(head, isSecure: false, method: .get, hasContent: false)
        else { return 0 }
        defer { question.release(isComplete: false) }
        try await question.waitForHead(
            behind: nil,
            patience: deadline.nanoseconds(since: reactor.now)
        )
        return question.head.status
    }
}
