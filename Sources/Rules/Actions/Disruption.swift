/// What a matching rule does to the transaction.
enum Disruption: Sendable, Equatable {
    case pass, deny, drop, redirect
    /// What `SecDefaultAction` of the phase says; resolved when the rule is compiled.
    case block
    /// Later phases but logging are skipped; the rest of this phase; the rest of the request phases.
    case allowAll, allowPhase, allowRequest

    var isInterrupting: Bool {
        switch self {
        case .deny, .drop, .redirect: true
        default: false
        }
    }
}
