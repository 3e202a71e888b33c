/// What happened to a member of a collection.
package enum MemberUpdate: Equatable, Sendable {
    case assign([UInt8])
    case add(Int)
    case remove

    /// What becomes of a value; nil stands for none.
    func applied(to value: [UInt8]?) -> [UInt8]? {
        switch self {
        case .assign(let text): text
        case .add(let amount):
            Array("\((value?.withView { $0.leadingInteger } ?? 0) &+ amount)".utf8)
        case .remove: nil
        }
    }

    /// One update that does what this and then another one do.
    func followed(by other: MemberUpdate) -> MemberUpdate {
        guard case .add(let amount) = other else { return other }
        switch self {
        case .add(let before): return .add(before &+ amount)
        case .assign, .remove: return .assign(other.applied(to: applied(to: nil)) ?? [])
        }
    }
}

/// What rules did to a collection since somebody last asked.
package struct CollectionChange: Sendable {
    /// What happened to a member, and the second it ends at, if that was set.
    package struct Member: Equatable, Sendable {
        package var update: MemberUpdate?
        package var endsAt: Int?

        func followed(by other: Member) -> Member {
            Member(
                update: other.update.map { update?.followed(by: $0) ?? $0 } ?? update,
                endsAt: other.endsAt ?? (other.update == .remove ? nil : endsAt)
            )
        }
    }

    let key: CollectionStore.Key
    /// How many seconds the collection lives after its last use.
    package var timeout: Int
    package var members: [[UInt8]: Member] = [:]

    /// The collection's variable in lower case, such as `ip`, and whose it is.
    package var kind: String { key.variable.rawValue.lowercased() }
    package var name: [UInt8] { key.name }

    /// One change that does what this and then another one do.
    func followed(by other: CollectionChange) -> CollectionChange {
        var both = self
        both.timeout = other.timeout
        for (name, member) in other.members {
            both.members[name] = both.members[name]?.followed(by: member) ?? member
        }
        return both
    }
}
