/// The decision of a rule, or of a body limit, to end a transaction.
public struct Interruption: Sendable, Equatable {
    /// What the client is to see.
    public enum Action: Sendable, Equatable {
        /// An error answer with `status`.
        case deny
        /// The connection closes without an answer.
        case drop
        /// A redirect to this address with `status`.
        case redirect(String)
    }

    /// The HTTP status of the answer, 300 to 599; without meaning for `.drop`.
    public let status: Int
    /// The id of the rule, a chain under its head's; 0 when a body limit decided.
    public let ruleID: Int
    public let action: Action
    /// The expanded message of the rule, or what limit was exceeded. For the log, not for the client.
    public let message: String
}
