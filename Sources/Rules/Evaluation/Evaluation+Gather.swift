/// Which half of a field a variable means.
enum FieldPart {
    case name, value
}

extension Variable {
    /// The lists whose fields are members of the variable, one or two of them, and which half of the fields it means;
    /// nil if it is no such collection.
    var fieldLists: (first: FieldList, second: FieldList?, part: FieldPart)? {
        switch self {
        case .args: (.argumentsGet, .argumentsPost, .value)
        case .argsNames: (.argumentsGet, .argumentsPost, .name)
        case .argsGet: (.argumentsGet, nil, .value)
        case .argsGetNames: (.argumentsGet, nil, .name)
        case .argsPost: (.argumentsPost, nil, .value)
        case .argsPostNames: (.argumentsPost, nil, .name)
        case .requestHeaders: (.requestHeaders, nil, .value)
        case .requestHeadersNames: (.requestHeaders, nil, .name)
        case .requestCookies: (.cookies, nil, .value)
        case .requestCookiesNames: (.cookies, nil, .name)
        case .files: (.files, nil, .value)
        case .filesNames: (.fileNames, nil, .value)
        case .filesSizes: (.fileSizes, nil, .value)
        case .filesTmpContent: (.fileContents, nil, .value)
        case .env: (.environment, nil, .value)
        case .multipartPartHeaders: (.partHeaders, nil, .value)
        case .multipartName: (.multipartNames, nil, .value)
        case .multipartFilename: (.multipartFilenames, nil, .value)
        case .responseHeaders: (.responseHeaders, nil, .value)
        case .responseHeadersNames: (.responseHeaders, nil, .name)
        case .xml: (.xml, .xmlNodes, .value)
        default: nil
        }
    }
}

extension Evaluation {
    /// Appends what a target means to the operands.
    mutating func gather(_ target: CompiledTarget) {
        if target.isCount {
            operands.append(
                Operand(
                    variable: target.variable,
                    key: selectedName(of: target),
                    value: arena.decimal(count(target)),
                    id: -1,
                    isCount: true
                )
            )
            return
        }
        if target.variable == .tx { return gatherTX(target) }
        let selector = target.kind == .selector ? rules.tables.selectors[target.index] : nil
        let slot = target.kind == .slot ? target.index : -1
        gather(target.variable, headerSlot: slot, selector, cacheIndex: target.cacheIndex)
    }

    /// Appends the values of a variable, or of one of its headers, to the operands.
    mutating func gather(
        _ variable: Variable,
        headerSlot: Int,
        _ selector: MemberSelector? = nil,
        cacheIndex: Int = -1
    ) {
        if let (first, second, part) = variable.fieldLists {
            prepare(variable)
            let before = operands.count
            gather(first, part, variable, headerSlot, selector)
            if let second { gather(second, part, variable, headerSlot, selector) }
            // The process has an environment of its own, besides what `setenv` gave the transaction.
            if variable == .env, operands.count == before { gatherMember(variable, selector) }
            return
        }
        switch variable {
        case .matchedVars, .matchedVarsNames: gatherMatched(variable, selector)
        case .global, .ip, .resource, .session, .user: gatherCollection(variable, selector)
        case .geo: gatherLocation(selector)
        case .rule: gatherMember(variable, selector)
        case .filesTmpNames: break
        default: gatherSingle(variable, cacheIndex)
        }
    }

    /// Splits arguments or cookies when they are first asked for.
    mutating func prepare(_ variable: Variable) {
        switch variable {
        case .args, .argsNames, .argsGet, .argsGetNames: splitArguments()
        case .requestCookies, .requestCookiesNames: splitCookies()
        default: break
        }
    }

    private mutating func gather(
        _ list: FieldList,
        _ part: FieldPart,
        _ variable: Variable,
        _ slot: Int,
        _ selector: MemberSelector?
    ) {
        var next = fields.first(list)
        while let index = next {
            next = fields.next(index)
            let field = fields[index]
            if slot >= 0, Int(field.slot) != slot { continue }
            if let selector, !selects(selector, field.name) { continue }
            let value = part == .value ? field.value : field.name
            let id = part == .value ? valueID(index, field) : nameID(index, field)
            operands.append(
                Operand(variable: variable, key: field.name, value: value, id: id, isCount: false)
            )
        }
    }

    private mutating func selects(_ selector: MemberSelector, _ key: ByteView) -> Bool {
        selector.selects(key, workspace.matcher)
    }

    private mutating func valueID(_ index: Int, _ field: Field) -> Int32 {
        if field.valueID >= 0 { return field.valueID }
        let id = values.add(field.value)
        fields.setValueID(index, id)
        return id
    }

    private mutating func nameID(_ index: Int, _ field: Field) -> Int32 {
        if field.nameID >= 0 { return field.nameID }
        let id = values.add(field.name)
        fields.setNameID(index, id)
        return id
    }

    private mutating func gatherSingle(_ variable: Variable, _ cacheIndex: Int) {
        guard let value = single(variable) else { return }
        var id: Int32 = -1
        if variable.isFixedValue,
            let position = cacheIndex >= 0
                ? cacheIndex : rules.fixedVariables.firstIndex(of: variable)
        {
            if fixedIDs[position] < 0 { fixedIDs[position] = values.add(value) }
            id = fixedIDs[position]
        }
        operands.append(
            Operand(variable: variable, key: ByteView(), value: value, id: id, isCount: false)
        )
    }

    private mutating func gatherTX(_ target: CompiledTarget) {
        if target.kind == .slot {
            let value = tx[target.index]
            guard value.isSet else { return }
            return appendTX(txName(target.index), value)
        }
        guard target.kind == .selector else {
            for slot in 0..<tx.slotCount where tx[slot].isSet { appendTX(txName(slot), tx[slot]) }
            for entry in tx.dynamic where entry.value.isSet { appendTX(entry.name, entry.value) }
            return
        }
        for slot in rules.tables.slots(selectedBy: target.index) where tx[slot].isSet {
            appendTX(txName(slot), tx[slot])
        }
        let selector = rules.tables.selectors[target.index]
        for entry in tx.dynamic where entry.value.isSet && selects(selector, entry.name) {
            appendTX(entry.name, entry.value)
        }
    }

    private mutating func appendTX(_ name: ByteView, _ value: TXStore.Value) {
        operands.append(
            Operand(variable: .tx, key: name, value: value.text(arena), id: -1, isCount: false)
        )
    }

    /// The member that a target selects by its name; empty if it selects none or several.
    mutating func selectedName(of target: CompiledTarget) -> ByteView {
        switch target.kind {
        case .all: return ByteView()
        case .slot:
            return target.variable == .tx ? txName(target.index) : rules.headers.name(target.index)
        case .selector:
            guard case .name(let name) = rules.tables.selectors[target.index] else { break }
            return name.view
        }
        return ByteView()
    }

    /// The name of a TX slot, in lower case.
    mutating func txName(_ slot: Int) -> ByteView { rules.slotNames[slot].view }

    private mutating func gatherMatched(_ variable: Variable, _ selector: MemberSelector?) {
        for matched in matchedOperands {
            let key = name(of: matched)
            if let selector, !selects(selector, key) { continue }
            let value = variable == .matchedVars ? matched.value : key
            operands.append(
                Operand(variable: variable, key: key, value: value, id: -1, isCount: false)
            )
        }
    }

    /// Collections whose members can only be asked for by name.
    private mutating func gatherMember(_ variable: Variable, _ selector: MemberSelector?) {
        guard case .name(let name) = selector else { return }
        let value = member(variable, name.view)
        if value.isEmpty { return }
        operands.append(
            Operand(variable: variable, key: name.view, value: value, id: -1, isCount: false)
        )
    }

    /// How many members a target selects.
    mutating func count(_ target: CompiledTarget) -> Int {
        if target.variable == .tx {
            if target.kind == .slot { return tx[target.index].isSet ? 1 : 0 }
            if target.kind == .all { return tx.count }
        } else if let (first, second, _) = target.variable.fieldLists {
            prepare(target.variable)
            if target.kind == .slot {
                let isRequest = target.variable == .requestHeaders
                return isRequest
                    ? fields.requestHeaderCount(target.index) : countHeaders(first, target.index)
            }
            if target.kind == .all {
                return fields.count(first) + (second.map { fields.count($0) } ?? 0)
            }
        }
        let before = operands.count
        let whole = CompiledTarget(
            variable: target.variable,
            kind: target.kind,
            isCount: false,
            index: target.index,
            cacheIndex: -1,
            source: target.source
        )
        gather(whole)
        let found = operands.count - before
        operands.removeLast(found)
        return found
    }

    private mutating func countHeaders(_ list: FieldList, _ slot: Int) -> Int {
        var found = 0
        var next = fields.first(list)
        while let index = next {
            let field = fields[index]
            if Int(field.slot) == slot { found += 1 }
            next = fields.next(index)
        }
        return found
    }
}
