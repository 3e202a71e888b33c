extension Evaluation {
    /// Runs the effects of a rule.
    mutating func perform(_ effects: Range<Int>) {
        if effects.isEmpty { return }
        if observer != nil { return performObserved(effects) }
        for index in effects { perform(rules.tables.effects[index]) }
    }

    mutating func perform(_ effect: CompiledEffect) {
        switch effect {
        case .assignNumber(let slot, let number):
            if !isPinned(slot) { tx[slot] = .number(number) }
        case .assignText(let slot, let text):
            if !isPinned(slot) { tx[slot] = .text(text) }
        case .assignSlot(let slot, let other):
            if !isPinned(slot) { tx[slot] = tx[other].isSet ? tx[other] : .text(ByteView()) }
        case .add(let slot, let number): tx[slot] = .number(tx[slot].number &+ number)
        case .addSlot(let slot, let other):
            tx[slot] = .number(tx[slot].number &+ tx[other].number)
        case .prepared(let index): perform(rules.tables.preparedEffects[index])
        }
    }

    private mutating func perform(_ effect: PreparedEffect) {
        switch effect {
        case .setVariable(let change, let isOwnName): perform(change, isOwnName: isOwnName)
        case .control(let control): perform(control)
        case .removeRules(let mask):
            removedRules.formUnion(mask)
            hasRemovedRules = true
        case .removeTarget(let index, let variable): removedTargets.insert(index, of: variable)
        case .other(let effect): perform(effect)
        }
    }

    private mutating func perform(_ effect: Effect) {
        switch effect {
        case .setVariable(let change): perform(change, isOwnName: false)
        case .control(let control): perform(control)
        case .openCollection(let variable, let name): openCollection(variable, named: name)
        case .expire(let variable, let name, let seconds):
            if variable.isPersistent { expireMember(variable, name, after: seconds) }
        case .setEnvironment(let name, let value):
            fields.append(.environment, name: expand(name), value: expand(value))
        case .redact(let variable, let name):
            let target = Operand(
                variable: variable,
                key: name?.view ?? ByteView(),
                value: ByteView(),
                id: -1,
                isCount: false
            )
            redacted.append(self.name(of: name == nil ? current.match : target).text.lowercased())
        }
    }

    private mutating func perform(_ change: SetVariable, isOwnName: Bool) {
        if change.variable != .tx { return changeMember(change) }
        if let slot = change.slot {
            if !isPinned(slot) { tx[slot] = changed(tx[slot], change) }
            return
        }
        let name = expand(change.name)
        if !isOwnName, let slot = rules.names.find(name.array) {
            tx[slot] = changed(tx[slot], change)
        } else {
            tx.set(arena.copy(name), changed(tx.get(name), change))
        }
    }

    private func isPinned(_ slot: Int) -> Bool {
        isParanoiaPinned && rules.paranoiaSlots.contains(slot)
    }

    private mutating func changed(_ value: TXStore.Value, _ change: SetVariable) -> TXStore.Value {
        switch change.change {
        case .remove: .unset
        case .add: .number(value.number &+ number(change.value))
        case .subtract: .number(value.number &- number(change.value))
        case .assign: .text(expand(change.value))
        }
    }

    private mutating func perform(_ control: Control) {
        let isChange: Bool
        switch control {
        case .engine(let mode):
            self.mode = mode
            return
        case .requestBodyAccess(let isOn): isChange = requestBodyAccess.changes(to: isOn)
        case .responseBodyAccess(let isOn): isChange = responseBodyAccess.changes(to: isOn)
        case .requestBodyProcessor(let other): isChange = body.processor.changes(to: other)
        case .forceRequestBodyVariable(let isOn):
            isChange = body.isRequestBodyForced.changes(to: isOn)
        case .removeRules, .removeTarget, .ignored: return
        }
        // What stands in the bodies may have changed, and so what was answered about them.
        guard isChange else { return }
        denied.removeAll()
        gathered = nil
    }

    /// Keeps a captured group.
    mutating func setCapture(_ index: Int, _ bytes: ByteView) { tx[index] = .text(bytes) }

    mutating func clearCaptures() {
        for index in 0..<Matcher.groupLimit { tx[index] = .unset }
    }

    /// Keeps the groups of the last match in TX.0 to TX.9 and clears the rest.
    mutating func captureGroups(of input: ByteView) {
        for index in 0..<Matcher.groupLimit {
            tx[index] = workspace.matcher.group(index).map { .text(input[$0]) } ?? .unset
        }
    }

    var isCapturing: Bool { current.isCapturing }

    /// Searches a value; reaching a limit is no match, and is counted.
    mutating func search(_ pattern: Pattern, _ value: ByteView) -> Bool {
        if budget.isSpent {
            exhaustedSearchCount += 1
            return false
        }
        return isMatch(workspace.matcher.search(pattern, value, &budget))
    }

    /// The place of the first match at or behind `first`; each counts as work.
    mutating func match(_ pattern: Pattern, _ value: ByteView, from first: Int) -> Range<Int>? {
        guard first <= value.count, hasTime(for: Evaluation.bytesPerRound),
            isMatch(workspace.matcher.search(pattern, value, from: first, &budget)),
            let whole = workspace.matcher.group(0)
        else { return nil }
        return hasTime(for: whole.upperBound - first) ? whole : nil
    }

    /// What a search costs, however short the match.
    private static let bytesPerRound = 64

    private mutating func isMatch(_ outcome: Pattern.Outcome) -> Bool {
        if outcome == .limitReached { exhaustedSearchCount += 1 }
        return outcome == .match
    }
}

extension Equatable {
    /// Takes another value; false if it is the same.
    fileprivate mutating func changes(to other: Self) -> Bool {
        defer { self = other }
        return self != other
    }
}
