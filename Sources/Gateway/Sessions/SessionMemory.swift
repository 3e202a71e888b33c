import Transport

/// What the store of sessions has said about tokens, for as long as that counts.
///
/// Whoever asks the store says so before: a session that is revoked while the answer is on its way is not remembered.
/// Confined to its worker.
struct SessionMemory {
    /// What is known about a token. `session` is nil for one that the store does not know.
    struct Entry {
        let session: Session?
        let until: Instant
        var assertion: String?
        var assertionUntil = Instant(nanoseconds: 0)
    }

    private var entries: [[UInt8]: Entry] = [:]
    /// The tokens of sessions that are known, by their id.
    private var tokens: [String: Set<[UInt8]>] = [:]
    /// Answers of the store that are on their way.
    private var questionCount = 0
    /// Counts what was revoked.
    private var turn = 0
    /// When ids were revoked last, while answers were on their way.
    private var revoked: [String: Int] = [:]
    /// Answers to questions of before are doubtful, whichever session they are about.
    private var allRevokedAt = 0

    /// Tokens remembered at once; beyond that all are forgotten, which costs lookups and nothing else.
    static let entryLimit = 10_000
    /// Ids whose end is remembered at once; beyond that the answers on their way are not remembered.
    static let revokedLimit = 1_024

    /// What is known about a token now.
    func entry(of token: [UInt8], at now: Instant) -> Entry? {
        entries[token].flatMap { $0.until > now ? $0 : nil }
    }

    /// The store is being asked; what is returned is for `isCurrent`.
    mutating func beginQuestion() -> Int {
        questionCount += 1
        return turn
    }

    /// The store has answered, or will not.
    mutating func endQuestion() {
        questionCount -= 1
        if questionCount == 0 { revoked.removeAll() }
    }

    /// Whether an answer to a question of that turn still holds.
    func isCurrent(_ session: Session?, since asked: Int) -> Bool {
        allRevokedAt <= asked && session.flatMap { revoked[$0.id] } ?? 0 <= asked
    }

    mutating func keep(_ entry: Entry, of token: [UInt8]) {
        if entries.count >= Self.entryLimit, entries[token] == nil { removeAll() }
        let old = entries.updateValue(entry, forKey: token)?.session?.id
        let new = entry.session?.id
        guard old != new else { return }
        if let old { unlink(token, from: old) }
        if let new { tokens[new, default: []].insert(token) }
    }

    private mutating func unlink(_ token: [UInt8], from id: String) {
        tokens[id]?.remove(token)
        if tokens[id]?.isEmpty == true { tokens[id] = nil }
    }

    /// The session of this id has ended: the store is asked again about its tokens.
    mutating func forget(_ id: String) {
        for token in tokens.removeValue(forKey: id) ?? [] { entries[token] = nil }
        turn += 1
        guard questionCount > 0 else { return }
        if revoked.count >= Self.revokedLimit {
            revoked.removeAll()
            allRevokedAt = turn
        }
        revoked[id] = turn
    }

    /// Any session may have ended.
    mutating func forgetAll() {
        turn += 1
        allRevokedAt = turn
        removeAll()
    }

    private mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        tokens.removeAll(keepingCapacity: true)
    }
}
