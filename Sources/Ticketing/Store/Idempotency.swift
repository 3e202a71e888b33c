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
    /// What tells one key from another, whatever was asked for under it.
    struct Name: Sendable, Hashable {
        /// Who asks and for what; a key means nothing outside it.
        let scope: String
        /// What the client sent in `Idempotency-Key`.
        let key: String
    }

    let name: Name
    /// The SHA-256 of the request's method, path and body.
    let requestHash: String

    /// A key of 1 to 100 printable ASCII characters; nil for anything else.
    init?(_ key: String, scope: String, request: [UInt8]) {
        guard (1...100).contains(key.utf8.count), key.utf8.allSatisfy({ $0 > 32 && $0 < 127 })
        else { return nil }
        name = Name(scope: scope, key: key)
        requestHash = Token.hash(String(decoding: request, as: UTF8.self))
    }

    var scope: String { name.scope }
    var key: String { name.key }
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

    /// The answer that is stored under a key, if there is one; throws if that was a different request's.
    static func answer(_ key: IdempotencyKey, _ connection: SQLConnection) throws -> Answer? {
        try stored(key, connection)?.answer(to: key)
    }

    /// Stores the answer to a request that nothing but its own effect kept from running twice; throws if the key was
    /// used for another one.
    static func keep(
        _ answer: Answer,
        under key: IdempotencyKey,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws {
        let changed = try connection.run(
            """
            INSERT OR IGNORE INTO idempotency(scope, idem_key, request_hash, status, response, created_at)
            VALUES(?, ?, ?, ?, ?, ?)
            """,
            [
                key.scope, key.key, key.requestHash, answer.status,
                String(decoding: answer.body, as: UTF8.self), now,
            ]
        )
        if changed == 1 { return }
        _ = try self.answer(key, connection)
        throw SQLError.inconsistent("a request that took effect twice")
    }

    /// What is known of an earlier request under a key.
    private struct Stored {
        let requestHash: String
        let status: Int
        let body: String?
        let createdAt: Milliseconds

        /// The answer, if there is one yet; throws if it is not that of `key`'s request.
        func answer(to key: IdempotencyKey) throws(Problem) -> Answer? {
            guard requestHash == key.requestHash else { throw .idempotencyMismatch }
            guard status != 0, let body else { return nil }
            return Answer(replay: status, body)
        }
    }

    private static func stored(_ key: IdempotencyKey, _ connection: SQLConnection) throws
        -> Stored?
    {
        try connection.first(
            "SELECT request_hash, status, response, created_at FROM idempotency WHERE scope = ? AND idem_key = ?",
            [key.scope, key.key]
        ) { row in
            Stored(
                requestHash: try row.text(0),
                status: try row.int(1),
                body: try row.optionalText(2),
                createdAt: try row.integer(3)
            )
        }
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
        guard let stored = try stored(key, connection) else {
            throw SQLError.inconsistent("an idempotency key that is neither there nor free")
        }
        if let answer = try stored.answer(to: key) { return answer }
        guard stored.createdAt <= now - abandonedAfter else { throw Problem.idempotencyInProgress }
        let isOurs = try connection.run(
            "UPDATE idempotency SET created_at = ? WHERE scope = ? AND idem_key = ? AND status = 0 AND created_at = ?",
            [now, key.scope, key.key, stored.createdAt]
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
