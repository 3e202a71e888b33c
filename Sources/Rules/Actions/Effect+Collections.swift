extension Effect {
    /// The actions that open, or let end, what is kept between requests. Mistakes are reported.
    init?(
        _ action: ActionName,
        _ value: SourceText,
        _ names: inout SlotNames,
        _ problems: inout ProblemList
    ) {
        let (left, right) = Effect.halves(value)
        switch action {
        case .setsid: self = .openCollection(.session, named: Macro(value, &names, &problems))
        case .setuid: self = .openCollection(.user, named: Macro(value, &names, &problems))
        case .setrsc: self = .openCollection(.resource, named: Macro(value, &names, &problems))
        case .initcol:
            guard let variable = Variable.named(left.text), variable.isPersistent else {
                problems.error("collection", "`\(left.text)` is no persistent collection", at: left)
                return nil
            }
            self = .openCollection(variable, named: Macro(right, &names, &problems))
        case .setenv:
            self = .setEnvironment(
                name: Macro(left, &names, &problems),
                value: Macro(right, &names, &problems)
            )
        case .expirevar:
            let dot = left.bytes.firstIndex { $0 == 0x2E || $0 == 0x3A } ?? left.count
            guard let variable = Variable.named(left[0..<dot].text),
                variable == .tx || variable.isPersistent, dot + 1 < left.count
            else {
                problems.error("expirevar", "expirevar needs a name such as ip.name", at: value)
                return nil
            }
            if variable == .tx {
                problems.warning(
                    "no-effect",
                    "a TX variable ends with its transaction: expirevar does nothing to it",
                    at: value
                )
            }
            self = .expire(
                variable,
                name: Macro(left.suffix(from: dot + 1), &names, &problems),
                seconds: Macro(right, &names, &problems)
            )
        default: return nil
        }
    }

    /// What stands before and behind the equals sign.
    private static func halves(_ text: SourceText) -> (SourceText, SourceText) {
        let equals = text.bytes.firstIndex(of: 0x3D) ?? text.count
        return (text[0..<equals].trimmed, text.suffix(from: equals + 1).trimmed)
    }
}
