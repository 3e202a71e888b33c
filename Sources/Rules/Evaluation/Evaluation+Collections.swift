import Glibc

/// The persistent collections that rules opened for a transaction.
struct OpenCollections {
    private(set) var keys: [CollectionStore.Key] = []

    func key(of variable: Variable) -> CollectionStore.Key? {
        keys.first { $0.variable == variable }
    }

    /// The first name counts: a collection is opened once.
    mutating func insert(_ key: CollectionStore.Key) -> Bool {
        guard self.key(of: key.variable) == nil else { return false }
        keys.append(key)
        return true
    }

    mutating func removeAll() { if !keys.isEmpty { keys.removeAll(keepingCapacity: true) } }
}

extension Evaluation {
    private static let nameBytesLimit = 256

    private var now: Int { Glibc.time(nil) }

    /// `initcol`, `setsid`, `setuid`, `setrsc`: opens a collection under the name the macro stands for.
    mutating func openCollection(_ variable: Variable, named macro: Macro) {
        let name = expand(macro)
        if name.isEmpty { return }
        let prefix = rules.settings.webAppID.isEmpty ? "" : rules.settings.webAppID + "_"
        let key = CollectionStore.Key(
            variable: variable,
            name: Array(prefix.utf8) + name.prefix(Evaluation.nameBytesLimit).array
        )
        guard collections.insert(key) else { return }
        workspace.collections.open(key, timeout: rules.settings.collectionTimeout, now: now)
    }

    /// `setvar` on a member of a persistent collection.
    mutating func changeMember(_ change: SetVariable) {
        let name = expand(change.name).array.map(\.foldedCase)
        guard let key = collections.key(of: change.variable) else { return }
        let update: MemberUpdate =
            switch change.change {
            case .remove: .remove
            case .assign: .assign(expand(change.value).array)
            case .add: .add(number(change.value))
            case .subtract: .add(0 &- number(change.value))
            }
        workspace.collections.update(key, name, now: now, update)
    }

    /// `expirevar`: a member ends after some seconds.
    mutating func expireMember(_ variable: Variable, _ name: Macro, after seconds: Macro) {
        let name = expand(name).array.map(\.foldedCase)
        guard let key = collections.key(of: variable) else { return }
        let end = now &+ max(number(seconds), 0)
        workspace.collections.expire(key, name, now: now, at: end)
    }

    /// The members of a persistent collection.
    mutating func gatherCollection(_ variable: Variable, _ selector: MemberSelector?) {
        guard let key = collections.key(of: variable) else { return }
        for (name, value) in workspace.collections.members(key, now: now) {
            let name = name.withView { arena.copy($0) }
            if let selector, !selector.selects(name, workspace.matcher) { continue }
            operands.append(
                Operand(
                    variable: variable,
                    key: name,
                    value: value.withView { arena.copy($0) },
                    id: -1,
                    isCount: false
                )
            )
        }
    }

    /// One member of a persistent collection; empty if there is none.
    mutating func collectionMember(_ variable: Variable, _ name: ByteView) -> ByteView {
        guard let key = collections.key(of: variable),
            let value = workspace.collections.value(key, name.array.map(\.foldedCase), now: now)
        else { return ByteView() }
        return value.withView { arena.copy($0) }
    }
}

extension Variable {
    /// Whether rules keep the variable's members between requests.
    var isPersistent: Bool {
        switch self {
        case .global, .ip, .resource, .session, .user: true
        default: false
        }
    }
}
