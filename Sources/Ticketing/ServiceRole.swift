/// What one process does. All of it by default; with less, several processes share one database, each scaled by itself,
/// and a gateway sends every path to a process that serves it.
///
/// The roles are not services that call each other: every one reads and writes the same tables in transactions of its
/// own, so that a sale is as consistent in five processes as in one.
enum ServiceRole: String, CaseIterable, Sendable {
    /// Accounts and sessions: bound by the cost of passwords.
    case users
    /// Events, seats, holds and the live seat map.
    case seats
    /// Orders being made and paid, and the providers' messages.
    case checkout
    /// Orders, tickets, refunds, the doors and the house.
    case orders
    /// The pages for people.
    case web
    /// Expiry, jobs, refunds and reconciling; serves nothing but the internal listener.
    case worker

    /// Reads a list as in `seats,checkout`; nil if a word is none of them.
    static func set(_ text: String) -> Set<ServiceRole>? {
        let words = text.split(separator: ",").map { $0.filter { $0 != " " } }
        let roles = words.compactMap { ServiceRole(rawValue: String($0)) }
        return roles.isEmpty || roles.count != words.count ? nil : Set(roles)
    }
}
