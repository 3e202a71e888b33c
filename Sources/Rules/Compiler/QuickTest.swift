/// What can be asked of a head before it runs, so that most heads need not run: a comparison of one number, or an
/// operator on one value that no transformation changes. A head that fails it does not match.
///
/// Numbers and views only, which belong to the operators of the rule set: every head of a phase is asked.
enum QuickTest: Sendable {
    case none
    /// How many request header fields a slot has.
    case headerCount(slot: Int, NumericComparison.Relation, Int, isNegated: Bool)
    /// Whether a TX slot is set, as a number.
    case isSet(slot: Int, NumericComparison.Relation, Int, isNegated: Bool)
    case slot(Int, NumericComparison.Relation, constant: Int, constantSlot: Int, isNegated: Bool)
    case number(Variable, NumericComparison.Relation, Int, isNegated: Bool)
    case method(within: ByteView, isNegated: Bool)
    case methodIs(ByteView, isNegated: Bool)

    init(_ rule: CompiledRule, _ target: CompiledTarget?, _ test: (any Operator)?) {
        self = .none
        guard let target else { return }
        let isNegated = rule.flags.contains(.negated)
        if rule.flags.contains(.numeric) {
            if target.isCount {
                guard target.kind == .slot, rule.constantSlot < 0 else { return }
                let (slot, relation, count) = (target.index, rule.relation, rule.constant)
                if target.variable == .requestHeaders {
                    self = .headerCount(slot: slot, relation, count, isNegated: isNegated)
                } else if target.variable == .tx {
                    self = .isSet(slot: slot, relation, count, isNegated: isNegated)
                }
            } else if target.variable == .tx {
                self = .slot(
                    target.index,
                    rule.relation,
                    constant: rule.constant,
                    constantSlot: rule.constantSlot,
                    isNegated: isNegated
                )
            } else if rule.constantSlot < 0 {
                self = .number(target.variable, rule.relation, rule.constant, isNegated: isNegated)
            }
        } else if target.variable == .requestMethod, rule.chain == TransformationChains.root,
            let text = (test as? Within)?.constant
        {
            self = .method(within: text, isNegated: isNegated)
        } else if target.variable == .requestMethod, rule.chain == TransformationChains.root,
            let text = (test as? StringEquals)?.constant
        {
            self = .methodIs(text, isNegated: isNegated)
        }
    }
}

extension Evaluation {
    /// Whether a head is worth running.
    @inline(__always)
    mutating func mayMatch(_ test: QuickTest) -> Bool {
        switch test {
        case .none: return true
        case .headerCount(let slot, let relation, let constant, let isNegated):
            return relation.holds(fields.requestHeaderCount(slot), constant) != isNegated
        case .isSet(let slot, let relation, let constant, let isNegated):
            return relation.holds(tx[slot].isSet ? 1 : 0, constant) != isNegated
        case .slot(let slot, let relation, let constant, let constantSlot, let isNegated):
            let value = tx[slot]
            guard value.isSet else { return false }
            return relation.holds(
                value.number,
                constantSlot >= 0 ? tx[constantSlot].number : constant
            ) != isNegated
        case .number(let variable, let relation, let constant, let isNegated):
            return relation.holds(numberOfSingle(variable) ?? 0, constant) != isNegated
        case .method(let text, let isNegated):
            return (text.firstRange(of: request.method) != nil) != isNegated
        case .methodIs(let text, let isNegated):
            return request.method.equals(text) != isNegated
        }
    }
}
