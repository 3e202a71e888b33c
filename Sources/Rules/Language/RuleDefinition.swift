/// A variable of a rule as written, with its selector and marks.
struct TargetDefinition: Sendable {
    /// Which members of a collection are meant.
    enum Selector: Sendable, Hashable {
        case all
        /// The member of that name, whatever its case.
        case name([UInt8])
        /// The members whose names match.
        case pattern(String)
    }

    let variable: Variable
    let selector: Selector
    /// `&`: the number of members instead of their values.
    let isCount: Bool
    /// `!`: members that are left out.
    let isExclusion: Bool
    let source: SourceText

    /// Whether both mean the same members in the same way.
    func isSame(as other: TargetDefinition) -> Bool {
        variable == other.variable && selector == other.selector && isCount == other.isCount
    }
}

/// The operator of a rule as written.
struct OperatorDefinition: Sendable {
    let name: SourceText
    let parameter: SourceText
    /// `!@`: a value matches if the operator does not.
    let isNegated: Bool
}

/// One action as written, such as `setvar:tx.score=+5`.
struct ActionDefinition: Sendable {
    let name: SourceText
    let value: SourceText?
}
