import HTTP
import Redis
import Transport

/// Asks the store of sessions about a token.
struct SessionLookup {
    let pools: [UpstreamPool]
    let redis: WorkerRedisClients?

    /// The session; nil if the store knows none for this token.
    ///
    /// - Throws: `Failure` of kind `sessionStore` if the store does not answer.
    func session(of token: [UInt8], _ policy: SessionPolicy) async throws(Failure) -> Session? {
        switch policy.store {
        case .redis(let prefix): return try await read(prefix, token)
        case .upstream(let upstream, let path):
            return try await ask(upstream, path, token, policy.cookie)
        }
    }

    /// The store holds a document under the prefix and the token's SHA-256, so that whoever reads it has no token.
    private func read(_ prefix: String, _ token: [UInt8]) async throws(Failure) -> Session? {
        guard let redis else { throw .gateway(.sessionStore, detail: "no Redis is configured") }
        let key = prefix + Hexadecimal.encode(Digest.sha256(token))
        do {
            return try await redis.command([Array("GET".utf8), Array(key.utf8)]).bytes.flatMap(
                SessionDocument.parse
            )
        } catch {
            throw .gateway(.sessionStore, detail: "\(error)")
        }
    }

    private func ask(_ upstream: Upstream, _ path: String, _ token: [UInt8], _ cookie: [UInt8])
        async throws(Failure) -> Session?
    {
        let request = OutputBuffer(limitBytes: 8192)
        request.append("GET \(path) HTTP/1.1\r\nhost: \(upstream.name)\r\ncookie: ")
        request.append(cookie)
        request.append("=")
        request.append(token)
        request.append("\r\naccept: application/json\r\n\r\n")
        let answer = try await UpstreamQuery(pool: pools[upstream.index]).send(
            request,
            kind: .sessionStore
        )
        switch answer.status {
        case 200:
            guard let session = SessionDocument.parse(answer.body) else {
                throw .gateway(.sessionStore, detail: "the answer is no session document")
            }
            return session
        case 401, 404: return nil
        default: throw .gateway(.sessionStore, detail: "status \(answer.status)")
        }
    }
}
