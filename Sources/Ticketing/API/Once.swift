import HTTPTypes
import Hummingbird
import Transport

/// What two requests with one `Idempotency-Key` must share beside the path.
struct Likeness: Sendable {
    /// The body, without the password.
    var body: [UInt8] = []
    /// They must share it, too, and nothing of it is kept that could be guessed at faster than the password of an
    /// account.
    var password: String?
    /// A secret that tells a visitor who has neither an account nor a cart from all others.
    var owner: String?
}

extension Shop {
    /// Answers a request that changes something, and a request like it under the same `Idempotency-Key` with the same
    /// bytes. For changes that are not one transaction with their answer; those do without it.
    ///
    /// Somebody who has neither an account nor a cart cannot be told from another such visitor: there a key means
    /// nothing but for the same request, so that strangers who happen on one key are in nobody's way and see
    /// nobody's answer. Nor do they learn from it whether they know somebody's password: it is left out.
    func once(
        _ request: Request,
        _ visitor: Visitor,
        _ likeness: Likeness = Likeness(),
        _ effect: () async throws -> Answer
    ) async throws -> Response {
        var fingerprint = likeness.body
        let scope: String
        if likeness.owner != nil || !visitor.sessionHash.isEmpty {
            scope = likeness.owner.map { "owner:\(Token.hash($0))" } ?? "api:\(visitor.sessionHash)"
            let sent = try request.idempotencyKey(scope: scope, body: fingerprint)
            if let sent, let password = likeness.password {
                let salt = Digest.sha256(Array("\(sent.key)\n\(sent.requestHash)".utf8))
                fingerprint += try await accounts.hasher.print(of: password, salt: salt)
            }
        } else {
            let bytes = request.fingerprint(fingerprint)
            scope = "anyone:\(Token.hash(String(decoding: bytes, as: UTF8.self)))"
        }
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
