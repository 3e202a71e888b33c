import HTTPTypes
import Hummingbird

extension Shop {
    /// Answers a request that changes something, and the same request under the same `Idempotency-Key` with the same
    /// bytes. For changes that are not one transaction with their answer; those do without it.
    ///
    /// `fingerprint` is what two requests with one key must share beside the path: the body, without secrets.
    func once(
        _ request: Request,
        _ visitor: Visitor,
        fingerprint: [UInt8],
        _ effect: () async throws -> Answer
    ) async throws -> Response {
        let scope = "api:\(visitor.sessionHash)"
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
