extension Evaluation {
    private static let expansionLimit = 65_536
    private typealias FewTexts = InlineArray<8, ByteView>

    /// The text of a macro.
    mutating func expand(_ macro: Macro) -> ByteView {
        if let constant = macro.constant { return constant }
        if macro.parts.count == 1, case .slot(let slot) = macro.parts[0] {
            return tx[slot].text(arena).prefix(Evaluation.expansionLimit)
        }
        if macro.parts.count > FewTexts.count { return expandMany(macro) }
        var texts = FewTexts(repeating: ByteView())
        var length = 0
        for index in macro.parts.indices {
            texts[index] = text(of: macro.parts[index])
            length += texts[index].count
        }
        var writer = arena.writer(capacity: min(length, Evaluation.expansionLimit))
        for index in macro.parts.indices { writer.append(texts[index]) }
        return arena.finish(writer)
    }

    private mutating func expandMany(_ macro: Macro) -> ByteView {
        var texts: [ByteView] = []
        for part in macro.parts { texts.append(text(of: part)) }
        let length = texts.reduce(0) { $0 + $1.count }
        var writer = arena.writer(capacity: min(length, Evaluation.expansionLimit))
        for text in texts { writer.append(text) }
        return arena.finish(writer)
    }

    /// The number a macro stands for.
    mutating func number(_ macro: Macro) -> Int {
        if macro.parts.count == 1, case .slot(let slot) = macro.parts[0] { return tx[slot].number }
        return expand(macro).leadingInteger
    }

    private mutating func text(of part: Macro.Part) -> ByteView {
        switch part {
        case .literal(let constant): constant.view
        case .slot(let slot): tx[slot].text(arena)
        case .variable(let variable, let member): text(of: variable, member.view)
        }
    }

    private mutating func text(of variable: Variable, _ member: ByteView) -> ByteView {
        if let (first, second, part) = variable.fieldLists {
            prepare(variable)
            if let text = text(of: first, member, part) { return text }
            if let second, let text = text(of: second, member, part) { return text }
            return variable == .env ? self.member(variable, member) : ByteView()
        }
        if variable == .tx { return tx.get(member).text(arena) }
        if variable == .geo { return locationMember(member) }
        if variable == .rule { return self.member(variable, member) }
        if variable.isPersistent { return collectionMember(variable, member) }
        return single(variable) ?? ByteView()
    }

    /// A half of the first field with this name, or of the first of all if there is none.
    private func text(of list: FieldList, _ name: ByteView, _ part: FieldPart) -> ByteView? {
        var next = fields.first(list)
        while let index = next {
            if name.isEmpty || fields[index].name.equalsFolded(name) {
                return part == .value ? fields[index].value : fields[index].name
            }
            next = fields.next(index)
        }
        return nil
    }
}
