/// The cards that the sandbox's pay page accepts, each with its own fate.
enum SandboxCard: String, Sendable, CaseIterable {
    case accepted
    case declined
    case delayed
    case twice
    case silent

    /// The number printed beside the choice.
    var number: String {
        switch self {
        case .accepted: "4242 4242 4242 4242"
        case .declined: "4000 0000 0000 0002"
        case .delayed: "4000 0000 0000 0077"
        case .twice: "4000 0000 0000 2222"
        case .silent: "4000 0000 0000 0341"
        }
    }

    /// What will happen, for people who test.
    var fate: String {
        switch self {
        case .accepted: "is accepted at once"
        case .declined: "is declined"
        case .delayed: "is accepted after ten seconds"
        case .twice: "is accepted, and the message comes twice"
        case .silent: "is accepted, but the message is lost"
        }
    }
}
