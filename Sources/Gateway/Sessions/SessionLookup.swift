import HTTP
import Transport

/// Asks the store of sessions about a token.
struct SessionLookup {
    let pools: [UpstreamPool]

    /// The session; nil if the store knows none for this token.
    ///
    /// - Throws: `Failure` of kind `sessionStore` if the store does not answer.
    func session(of token: [UInt8], _ policy: SessionPolicy) async throws(Failure) -> Session? {
        switch policy.store {
        case .redis: throw .gateway(.sessionStore, detail: "no Redis")
        case .upstream(let upstream, let path): return try await ask(upstream, path, token, policy.cookie)
        }
    }

    private func ask(_ upstream: Upstream, _ path: String, _ token: [UInt8], _ cookie: [UInt8]) async throws(Failure) -> Session? {
        let request = OutputBuffer(limitBytes: 8192)
        request.append("GET \(path) HTTP/1.1\r\nhost: \(upstream.name)\r\ncookie: ")
        request.append(cookie)
        request.append("=")
        request.append(token)
        request.append("\r\naccept: application/json\r\n\r\n")
        let answer = try await UpstreamQuery(pool: pools[upstream.index]).send(request, kind: .sessionStore)
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
