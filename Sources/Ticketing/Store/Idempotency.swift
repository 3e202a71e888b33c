/// An answer that can be given again, byte for byte.
struct Answer: Sendable, Equatable {
    let status: Int
    let body: [UInt8]
    /// Whether this is the answer to an earlier request with the same key.
    var isReplay = false

    /// The answer that carries `value` as JSON.
    init(status: Int, _ value: some Encodable) {
        self.status = status
        body = JSON.encode(value)
    }

    /// The answer that carries a hold.
    init(status: Int, hold document: HoldDocument) {
        self.status = status
        body = document.json
    }

    fileprivate init(replay status: Int, _ body: String) {
        self.status = status
        self.body = Array(body.utf8)
        isReplay = true
    }
}

/// The key under which a mutating request may be repeated.
struct IdempotencyKey: Sendable {
    /// Who asks and for what; a key means nothing outside it.
    let scope: String
    /// What the client sent in `Idempotency-Key`.
    let key: String
    /// The SHA-256 of the request's method, path and body.
    let requestHash: String

    /// A key of 1 to 100 printable ASCII characters; nil for anything else.
    init?(_ key: String, scope: String, request: [UInt8]) {
        guard (1...100).contains(key.utf8.count), key.utf8.allSatisfy({ $0 > 32 && $0 < 127 })
        else { return nil }
        self.key = key
        self.scope = scope
        requestHash = Token.hash(String(decoding: request, as: UTF8.self))
    }
}

/// Remembers the answers of requests that had an effect.
///
/// The answer is stored in the transaction of the effect, so that a crash leaves both or neither. A refusal changes
/// nothing and is not remembered: the same request may succeed later.
enum Idempotency {
    /// How long an answer can be asked for again.
    static let lifetime: Milliseconds = Span.day
    /// After this long an unfinished request is taken to have died with its process.
    static let abandonedAfter: Milliseconds = 30 * Span.second

    /// Runs `effect` once per key; later calls get the stored answer. All in the caller's transaction.
    static func once(
        _ key: IdempotencyKey?,
        at now: Milliseconds,
        _ connection: SQLConnection,
        _ effect: () throws -> Answer
    ) throws -> Answer {
        guard let key else { return try effect() }
        if let answer = try begin(key, at: now, connection) { return answer }
        let answer = try effect()
        try finish(key, with: answer, connection)
        return answer
    }

    /// Claims the key for a request that needs several transactions. Returns the stored answer if there is one; throws
    /// if the first request is still running or was a different one.
    static func begin(
        _ key: IdempotencyKey,
        at now: Milliseconds,
        abandonedAfter: Milliseconds = Idempotency.abandonedAfter,
        _ connection: SQLConnection
    ) throws -> Answer? {
        let changed = try connection.run(
            """
            INSERT OR IGNORE INTO idempotency(scope, idem_key, request_hash, status, response, created_at)
            VALUES(?, ?, ?, 0, NULL, ?)
            """,
            [key.scope, key.key, key.requestHash, now]
        )
        if changed == 1 { return nil }
        let stored = try connection.first(
            "SELECT request_hash, status, response, created_at FROM idempotency WHERE scope = ? AND idem_key = ?",
            [key.scope, key.key]
        ) {
            (
                hash: try $0.text(0), status: try $0.int(1), body: try $0.optionalText(2),
                at: try $0.integer(3)
            )
        }
        guard let stored else {
            throw SQLError.inconsistent("an idempotency key that is neither there nor free")
        }
        guard stored.hash == key.requestHash else { throw Problem.idempotencyMismatch }
        if stored.status != 0, let body = stored.body { return Answer(replay: stored.status, body) }
        guard stored.at <= now - abandonedAfter else { throw Problem.idempotencyInProgress }
        let isOurs = try connection.run(
            "UPDATE idempotency SET created_at = ? WHERE scope = ? AND idem_key = ? AND status = 0 AND created_at = ?",
            [now, key.scope, key.key, stored.at]
        )
        guard isOurs == 1 else { throw Problem.idempotencyInProgress }
        return nil
    }

    /// Stores the answer of a request that `begin` let through.
    static func finish(_ key: IdempotencyKey, with answer: Answer, _ connection: SQLConnection)
        throws
    {
        try connection.run(
            "UPDATE idempotency SET status = ?, response = ? WHERE scope = ? AND idem_key = ?",
            [answer.status, String(decoding: answer.body, as: UTF8.self), key.scope, key.key]
        )
    }

    /// Frees the key of a request that was refused after `begin`.
    static func abandon(_ key: IdempotencyKey, _ connection: SQLConnection) throws {
        try connection.run(
            "DELETE FROM idempotency WHERE scope = ? AND idem_key = ? AND status = 0",
            [key.scope, key.key]
        )
    }
}
