/// Literals of which a matching value holds at least one, whatever the case of letters.
struct RequiredLiterals: Equatable, Sendable {
    /// Longer sets cost more than they gain.
    private static let literalLimit = 2_500
    private static let exactLimit = 256
    private static let lengthLimit = 24
    private static let copyLimit = 4

    /// In lower case, sorted, without duplicates; none empty.
    let literals: [[UInt8]]

    var shortest: Int { literals.map(\.count).min() ?? 0 }

    /// How much the set can rule out: the rarity of its most ordinary literal in what browsers send.
    private var rarity: Int {
        literals.map { min($0.reduce(0) { $0 + RequiredLiterals.rarity($1) }, 24) }.min() ?? 0
    }

    private static func rarity(_ byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), 0x20, 0x2D, 0x2E, 0x2F, 0x3A, 0x3D, 0x5F, 0x2C:
            3
        case 0x30...0x39, 0x26, 0x28, 0x29, 0x3B: 3
        case 0x25, 0x2B, 0x40, 0x23, 0x2A, 0x21, 0x22: 8
        default: 14
        }
    }

    init?(_ literals: some Sequence<[UInt8]>) {
        let cut = Set(
            literals.map { Array($0.prefix(RequiredLiterals.lengthLimit).map(\.foldedCase)) }
        )
        guard !cut.isEmpty, cut.count <= RequiredLiterals.literalLimit, !cut.contains([]) else {
            return nil
        }
        // A literal that holds another adds nothing.
        self.literals = cut.sorted {
            $0.count == $1.count ? $0.lexicographicallyPrecedes($1) : $0.count < $1.count
        }
    }

    /// What every match of an expression holds; nil if nothing useful is known.
    init?(_ tree: RegexSyntax) {
        guard let best = Facts(tree).best else { return nil }
        self = best
    }

    /// What is known about the texts a part of an expression matches.
    private struct Facts {
        /// All texts the part matches, if they are few.
        var exact: Set<[UInt8]>?
        /// The texts of which the part is a row of one or more.
        var row: Set<[UInt8]>?
        /// Texts with one of which every match begins.
        var prefixes: Set<[UInt8]>?
        /// A set of which each match holds a member.
        var required: RequiredLiterals?

        /// The better of the exact texts and the required set.
        var best: RequiredLiterals? {
            Facts.better(exact.flatMap { RequiredLiterals($0) }, required)
        }

        static func better(_ left: RequiredLiterals?, _ right: RequiredLiterals?)
            -> RequiredLiterals?
        {
            guard let left else { return right }
            guard let right else { return left }
            if left.rarity != right.rarity { return left.rarity > right.rarity ? left : right }
            return left.literals.count <= right.literals.count ? left : right
        }

        init(
            exact: Set<[UInt8]>?,
            required: RequiredLiterals?,
            row: Set<[UInt8]>? = nil,
            prefixes: Set<[UInt8]>? = nil
        ) {
            self.exact = exact
            self.row = row
            self.prefixes = exact ?? row ?? prefixes
            self.required = required
        }

        init(_ tree: RegexSyntax) {
            switch tree {
            case .bytes(let mask):
                let bytes = mask.folded(limit: RequiredContent.listedBytesLimit)
                self.init(exact: bytes.map { Set($0.map { [$0] }) }, required: nil)
            case .anything, .repeated(_, minimum: 0, _): self.init(exact: nil, required: nil)
            case .assertion: self.init(exact: [[]], required: nil)
            case .repeated(let part, minimum: 1, _):
                let inner = Facts(part)
                self.init(exact: nil, required: inner.best, row: inner.exact)
            case .repeated(let part, let minimum, _):
                // The first few copies are written out, so that they can join into longer literals.
                let copies = [RegexSyntax](
                    repeating: part,
                    count: min(minimum, RequiredLiterals.copyLimit)
                )
                self = Facts(.sequence(copies + [.anything]))
            case .alternatives(let branches): self = Facts.union(branches.map(Facts.init))
            case .sequence(let parts): self = Facts.concatenation(parts.map(Facts.init))
            }
        }

        private static func union(_ facts: [Facts]) -> Facts {
            var exact: Set<[UInt8]>? = []
            var literals: [[UInt8]]? = []
            var prefixes: Set<[UInt8]>? = []
            for fact in facts {
                if let texts = fact.exact, let known = exact,
                    texts.count + known.count <= RequiredLiterals.literalLimit
                {
                    exact = known.union(texts)
                } else {
                    exact = nil
                }
                if let known = prefixes, let heads = fact.prefixes,
                    known.count + heads.count <= RequiredLiterals.exactLimit
                {
                    prefixes = known.union(heads)
                } else {
                    prefixes = nil
                }
                if let best = fact.best {
                    literals?.append(contentsOf: best.literals)
                } else {
                    literals = nil
                }
            }
            return Facts(
                exact: exact,
                required: literals.flatMap { RequiredLiterals($0) },
                prefixes: prefixes
            )
        }

        /// Joins neighbours into longer literals as long as they are few. A row joins with what stands before it and,
        /// by its last member, with what follows.
        private static func concatenation(_ facts: [Facts]) -> Facts {
            if facts.count == 1 { return facts[0] }
            var run: Set<[UInt8]> = [[]]
            var isWhole = true
            var required: RequiredLiterals?
            var prefixes: Set<[UInt8]>?
            for fact in facts {
                required = better(required, fact.required)
                let joined = fact.prefixes.flatMap { product(run, $0) }
                if fact.exact != nil, let joined {
                    run = joined
                    continue
                }
                // The row of literals ends here, with the beginning of this part if that is known.
                required = better(required, RequiredLiterals(joined ?? run))
                if isWhole { prefixes = joined ?? run }
                isWhole = false
                run = fact.exact ?? fact.row ?? [[]]
            }
            required = better(required, RequiredLiterals(run))
            if isWhole { return Facts(exact: run, required: required) }
            return Facts(
                exact: nil,
                required: required,
                prefixes: prefixes.flatMap { $0.contains([]) ? nil : $0 }
            )
        }

        private static func product(_ heads: Set<[UInt8]>, _ tails: Set<[UInt8]>) -> Set<[UInt8]>? {
            guard
                heads.count == 1 || tails.count == 1
                    || heads.count * tails.count <= RequiredLiterals.exactLimit
            else {
                return nil
            }
            return Set(heads.flatMap { head in tails.map { head + $0 } })
        }
    }
}
