/// What every value holds that an operator matches: a gate asks for it before the operator is tried.
struct RequiredContent: Sendable {
    /// Sets of bytes up to this size are told byte by byte; what larger ones hold is taken as unknown.
    static let listedBytesLimit = 12

    /// In lower case, sorted, without duplicates; none empty.
    let literals: [[UInt8]]
    let kinds: RequiredKinds

    /// One of some literals; nil if they tell nothing, or are too many.
    init?(_ literals: some Sequence<[UInt8]>) {
        guard let required = RequiredLiterals(literals) else { return nil }
        self.literals = required.literals
        kinds = .none
    }

    /// What every match of an expression holds; nil if nothing useful is known.
    init?(expression: [UInt8]) {
        guard let tree = RegexSyntax.parse(expression)?.tree,
            let required = RequiredLiterals(tree)
        else { return nil }
        literals = required.literals
        kinds = RequiredKinds(tree)
    }
}
