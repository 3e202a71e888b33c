/// Kinds of bytes that every match of an expression holds together: of each of some sets at least one.
///
/// Literals tell that one of them must be there; this tells what else must be, which closes the many gates that two
/// ordinary letters open. A call of a function needs its parenthesis, `j a v a s c r i p t :` each of its letters.
struct RequiredKinds: Hashable, Sendable {
    private static let setLimit = 12
    private static let kindsLimit = 8
    private static let branchLimit = 6

    /// The sets that are met least often come first.
    let sets: [ByteKinds]

    static let none = RequiredKinds(sets: [])

    private init(sets: [ByteKinds]) { self.sets = sets }

    /// What every match of an expression holds.
    init(_ tree: RegexSyntax) { sets = RequiredKinds.sets(of: tree) }

    private static func sets(of tree: RegexSyntax) -> [ByteKinds] {
        switch tree {
        case .bytes(let mask):
            mask.folded(limit: RequiredContent.listedBytesLimit).map { [ByteKinds(of: $0)] } ?? []
        case .sequence(let parts): fewest(parts.flatMap(sets))
        case .repeated(let part, let minimum, _): minimum > 0 ? sets(of: part) : []
        case .alternatives(let branches): either(branches)
        case .assertion, .anything: []
        }
    }

    /// What one of some branches needs: of each pair of their sets one of both. Of many branches each has a say with
    /// what it needs most.
    private static func either(_ branches: [RegexSyntax]) -> [ByteKinds] {
        let needs = branches.map(sets)
        guard var common = needs.first, needs.allSatisfy({ !$0.isEmpty }) else { return [] }
        if needs.count > branchLimit {
            return fewest([needs.reduce(.none) { $0.union($1.first ?? .none) }])
        }
        for other in needs.dropFirst() {
            common = fewest(common.flatMap { set in other.map(set.union) })
        }
        return common
    }

    /// Leaves out what is met whenever another set is, and what nearly every value meets.
    private static func fewest(_ sets: [ByteKinds]) -> [ByteKinds] {
        var kept: [ByteKinds] = []
        for set in sets.sorted(by: { $0.count < $1.count }) {
            if set.count > kindsLimit || kept.count == setLimit { break }
            if !kept.contains(where: { set.union($0) == set }) { kept.append(set) }
        }
        return kept.sorted { ($0.isOrdinary ? 1 : 0, $0.count) < ($1.isOrdinary ? 1 : 0, $1.count) }
    }
}

extension ByteKinds {
    private static let ordinary = ByteKinds(of: Array(0x61...0x7A) + Array(0x30...0x39))

    /// Whether letters or digits are among them.
    fileprivate var isOrdinary: Bool { intersects(.ordinary) }
}
