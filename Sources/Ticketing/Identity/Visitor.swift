/// Who sends a request: an account, a cart, or nobody yet.
struct Visitor: Sendable, Equatable {
    /// The signed-in account.
    var identity: Identity?
    /// The hash of the cart cookie, which lets people without an account return to their own holds and orders.
    var cartHash: String?

    static let anonymous = Visitor()

    /// What new holds belong to: the session of an account, else the cart. Empty for somebody who has neither.
    var sessionHash: String { identity?.sessionId ?? cartHash ?? "" }

    /// Who did it, for the audit. Sessions end, accounts stay.
    var actor: String { identity.map { "user \($0.userId), \($0.role.name)" } ?? "guest" }

    /// Whether something with this owner is the visitor's.
    func owns(userId: Int64?, sessionHash: String) -> Bool {
        if let identity, identity.userId == userId { return true }
        if sessionHash.isEmpty { return false }
        return sessionHash == cartHash || sessionHash == identity?.sessionId
    }
}

/// A signed-in account, as one request knows it.
struct Identity: Sendable, Equatable {
    let userId: Int64
    /// The SHA-256 of the session token in hexadecimal.
    let sessionId: String
    let role: Role
}

/// What an account may do.
enum Role: Int64, Sendable, CaseIterable {
    case user = 0
    case admin = 1
    /// Staff who scan tickets.
    case door = 2

    /// The name on the wire.
    var name: String {
        switch self {
        case .user: "user"
        case .admin: "admin"
        case .door: "door"
        }
    }

    init?(name: String) {
        guard let role = Role.allCases.first(where: { $0.name == name }) else { return nil }
        self = role
    }
}
