/// Whether rules are evaluated, and whether their disruptive actions take effect (`SecRuleEngine`).
public enum EngineMode: Sendable, Equatable {
    /// Rules match, log, score and block.
    case on
    /// Rules match, log and score; nothing is blocked.
    case detectionOnly
    /// No rule is evaluated.
    case off
}
