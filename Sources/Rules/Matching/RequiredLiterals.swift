/// Literals of which a matching value holds at least one, whatever the case of letters.
struct RequiredLiterals: Equatable {
    /// Longer sets cost more than they gain.
    private static let literalLimit = 2_500
    private static let exactLimit = 96
    private static let lengthLimit = 24

    /// In lower case, sorted, without duplicates; none empty.
    let literals: [[UInt8]]

    /// The shortest literal decides how much a set can rule out.
    var shortest: Int { literals.map(\.count).min() ?? 0 }

    init?(_ literals: some Sequence<[UInt8]>) {
        let cut = Set(literals.map { Array($0.prefix(RequiredLiterals.lengthLimit).map(\.foldedCase)) })
        guard !cut.isEmpty, cut.count <= RequiredLiterals.literalLimit, !cut.contains([]) else { return nil }
        // A literal that holds another adds nothing.
        self.literals = cut.sorted { $0.count == $1.count ? $0.lexicographicallyPrecedes($1) : $0.count < $1.count }
    }

    /// What every match of `expression` holds; nil if nothing useful is known.
    init?(expression: [UInt8]) {
        guard let tree = RegexSyntax.parse(expression) else { return nil }
        let facts = Facts(tree)
        guard let best = facts.best else { return nil }
        self = best
    }

    /// What is known about the texts a part of an expression matches.
    private struct Facts {
        /// All texts the part matches, if they are few.
        var exact: Set<[UInt8]>?
        /// A set of which each match holds a member.
        var required: RequiredLiterals?

        /// The better of the exact texts and the required set.
        var best: RequiredLiterals? {
            Facts.better(exact.flatMap { RequiredLiterals($0) }, required)
        }

        static func better(_ left: RequiredLiterals?, _ right: RequiredLiterals?) -> RequiredLiterals? {
            guard let left else { return right }
            guard let right else { return left }
            let leftLength = min(left.shortest, 4)
            let rightLength = min(right.shortest, 4)
            if leftLength != rightLength { return leftLength > rightLength ? left : right }
            return left.literals.count <= right.literals.count ? left : right
        }

        init(exact: Set<[UInt8]>?, required: RequiredLiterals?) {
            self.exact = exact
            self.required = required
        }

        init(_ tree: RegexSyntax) {
            switch tree {
            case .bytes(let bytes): self.init(exact: bytes.map { Set($0.map { [$0] }) }, required: nil)
            case .anything: self.init(exact: nil, required: nil)
            case .optional: self.init(exact: nil, required: nil)
            case .repeated(let part): self.init(exact: nil, required: Facts(part).best)
            case .alternatives(let branches): self = Facts.union(branches.map(Facts.init))
            case .sequence(let parts): self = Facts.concatenation(parts.map(Facts.init))
            }
        }

        private static func union(_ facts: [Facts]) -> Facts {
            var exact: Set<[UInt8]>? = []
            var literals: [[UInt8]]? = []
            for fact in facts {
                if let texts = fact.exact, let known = exact, texts.count + known.count <= RequiredLiterals.literalLimit
                {
                    exact = known.union(texts)
                } else {
                    exact = nil
                }
                if let best = fact.best { literals?.append(contentsOf: best.literals) } else { literals = nil }
            }
            return Facts(exact: exact, required: literals.flatMap { RequiredLiterals($0) })
        }

        private static func concatenation(_ facts: [Facts]) -> Facts {
            var run: Set<[UInt8]> = [[]]
            var isWhole = true
            var required: RequiredLiterals?
            for fact in facts {
                required = better(required, fact.required)
                if let texts = fact.exact,
                    texts.count * run.count <= RequiredLiterals.exactLimit || texts.count == 1
                        || run == [[]]
                {
                    run = Set(run.flatMap { head in texts.map { head + $0 } })
                } else {
                    required = better(required, RequiredLiterals(run))
                    isWhole = false
                    run = fact.exact ?? [[]]
                }
                if fact.exact == nil { isWhole = false }
            }
            return Facts(
                exact: isWhole ? run : nil,
                required: isWhole ? required : better(required, RequiredLiterals(run))
            )
        }
    }
}
