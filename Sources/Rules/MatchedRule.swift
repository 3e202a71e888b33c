/// One match of a rule, as the log shows it. A chain is reported once, under its head's id.
public struct MatchedRule: Sendable {
    public let id: Int
    /// 1 request head, 2 request body, 3 response head, 4 response body, 5 logging.
    public let phase: Int
    /// `msg` with its macros expanded; empty if the rule has none.
    public let message: String
    /// `logdata` with its macros expanded, at most 1,024 bytes; empty if the rule has none.
    public let logData: String
    public let severity: Severity?
    public let tags: [String]
    /// The variable that matched last, such as `ARGS:name`; empty for an unconditional rule.
    public let target: String
    /// The first 256 bytes of the matched value, after transformations.
    public let excerpt: [UInt8]
    /// The rule interrupted the transaction.
    public let isBlocking: Bool
    /// The rule is to appear in the log (`log`, not `nolog`).
    public let isLogged: Bool
}
