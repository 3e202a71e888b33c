import HTTPTypes
import Hummingbird

extension Shop {
    /// Answers a request that changes something, and the same request under the same `Idempotency-Key` with the same
    /// bytes. For changes that are not one transaction with their answer; those do without it.
    ///
    /// `fingerprint` is what two requests with one key must share beside the path: the body, without secrets. Somebody
    /// who has neither an account nor a cart cannot be told from another such visitor: there a key means
    /// nothing but for the same request, so that strangers who happen on one key are in nobody's way and see
    /// nobody's answer.
    func once(
        _ request: Request,
        _ visitor: Visitor,
        fingerprint: [UInt8],
        _ effect: () async throws -> Answer
    ) async throws -> Response {
        let bytes = request.fingerprint(fingerprint)
        let scope =
            visitor.sessionHash.isEmpty
            ? "anyone:\(Token.hash(String(decoding: bytes, as: UTF8.self)))"
            : "api:\(visitor.sessionHash)"
        guard let key = try request.idempotencyKey(scope: scope, body: fingerprint) else {
            return try await effect().response
        }
        let now = clock.now()
        if let answer = try await database.write({ try Idempotency.begin(key, at: now, $0) }) {
            return answer.response
        }
        do {
            let answer = try await effect()
            try await database.write { try Idempotency.finish(key, with: answer, $0) }
            return answer.response
        } catch {
            try await database.write { try Idempotency.abandon(key, $0) }
            throw error
        }
    }
}
