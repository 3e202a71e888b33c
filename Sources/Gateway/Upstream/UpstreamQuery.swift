import HTTP
import Transport

/// A small GET of the gateway's own: session questions and the like.
struct UpstreamQuery {
    struct Answer {
        let status: Int
        let body: [UInt8]
    }

    private static let bodyLimitBytes = 64 << 10

    let pool: UpstreamPool

    /// Sends a complete request and reads the answer whole, trying each server once.
    ///
    /// - Throws: `Failure` of that kind if no server answers.
    func send(_ request: OutputBuffer, kind: Failure.Kind) async throws(Failure) -> Answer {
        var tried: [ServerState] = []
        var detail = "no healthy server"
        while let server = pool.pick(excluding: tried) {
            do throws(Failure) {
                return try await attempt(request, server)
            } catch {
                detail = "\(server.state.name): \(error.detail ?? error.reason)"
                tried.append(server.state)
            }
        }
        throw .gateway(kind, detail: detail)
    }

    private func attempt(_ request: OutputBuffer, _ server: UpstreamPool.Server)
        async throws(Failure) -> Answer
    {
        do throws(Failure) {
            return try await exchange(request, server, fresh: false)
        } catch {
            guard case .onFreshConnection = error.retry else { throw error }
            return try await exchange(request, server, fresh: true)
        }
    }

    private func exchange(_ request: OutputBuffer, _ server: UpstreamPool.Server, fresh: Bool)
        async throws(Failure) -> Answer
    {
        let upstream = pool.upstream
        let connection = try await pool.lease(server, fresh: fresh || upstream.namesClients)
        var isReusable = false
        defer { pool.giveBack(connection, to: server, reusable: isReusable) }
        connection.begin()
        let reactor = connection.stream.reactor
        do throws(StreamError) {
            let preface = OutputBuffer(limitBytes: 4096)
            preface.append(upstream.ownPreface)
            if !preface.isEmpty {
                try await connection.stream.write(
                    preface.readable,
                    until: reactor.now.advanced(byNanoseconds: upstream.sendNanoseconds)
                )
            }
            try await connection.stream.write(
                request.readable,
                until: reactor.now.advanced(byNanoseconds: upstream.sendNanoseconds)
            )
        } catch {
            throw .upstream(.upstreamClosed, retry: .onFreshConnection, detail: error.text)
        }
        try await connection.readHead(
            to: .get,
            until: reactor.now.advanced(byNanoseconds: upstream.responseNanoseconds)
        )
        let head = connection.parser.head
        connection.body.begin(
            head.framing,
            limitBytes: Self.bodyLimitBytes,
            stallNanoseconds: upstream.bodyNanoseconds
        )
        var body: [UInt8] = []
        while let piece = try await connection.body.next() { body += piece.bytes }
        isReusable = head.keepAlive
        return Answer(status: head.status, body: body)
    }
}
