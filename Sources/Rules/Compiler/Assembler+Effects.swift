extension Assembler {
    struct RemovalKey: Hashable {
        let rules: RuleMask
        let target: String
    }

    /// The form of an effect that costs least.
    mutating func compiled(_ effect: Effect) -> CompiledEffect {
        switch effect {
        case .setVariable(let change):
            if let simple = simplified(change) { return simple }
            return keep(.setVariable(change, isOwnName: false))
        case .control(.removeRules(let selection)): return keep(.removeRules(mask(selection)))
        case .control(.removeTarget(let selection, let exclusion)):
            return keep(.removeTarget(removal(selection, exclusion), of: exclusion.variable))
        case .control(let control): return keep(.control(control))
        case .openCollection, .expire, .setEnvironment, .redact: return keep(.other(effect))
        }
    }

    private mutating func keep(_ effect: PreparedEffect) -> CompiledEffect {
        preparedEffects.append(effect)
        return .prepared(preparedEffects.count - 1)
    }

    /// The place of what an action takes from rules among all that actions take, once however many take it.
    private mutating func removal(_ selection: RuleSelection, _ exclusion: TargetExclusion) -> Int {
        let removal = TargetRemoval(rules: mask(selection), target: exclusion)
        let key = RemovalKey(rules: removal.rules, target: exclusion.source)
        if let known = removalIndices[key] { return known }
        removalIndices[key] = removals.count
        removals.append(removal)
        return removals.count - 1
    }

    private mutating func simplified(_ change: SetVariable) -> CompiledEffect? {
        guard let slot = change.slot else { return nil }
        if change.value.parts.count == 1, case .slot(let other) = change.value.parts[0] {
            switch change.change {
            case .add: return .addSlot(slot: slot, other)
            case .assign: return .assignSlot(slot: slot, other)
            case .subtract, .remove: return nil
            }
        }
        guard let text = change.value.constant else { return nil }
        let isNumber = text.equals(Array("\(text.leadingInteger)".utf8))
        switch change.change {
        case .assign where isNumber: return .assignNumber(slot: slot, text.leadingInteger)
        case .assign:
            effectTexts.append(change.value)
            return .assignText(slot: slot, text)
        case .add where isNumber: return .add(slot: slot, text.leadingInteger)
        case .subtract where isNumber: return .add(slot: slot, -text.leadingInteger)
        case .add, .subtract, .remove: return nil
        }
    }

    /// Finds the variables named at run time whose names begin as no name does that a rule mentions. To be asked once
    /// all names are known.
    mutating func findOwnNames() {
        for (index, effect) in preparedEffects.enumerated() {
            guard case .setVariable(let change, _) = effect, change.variable == .tx,
                change.slot == nil,
                case .literal(let beginning)? = change.name.parts.first
            else { continue }
            let prefix = beginning.view.array.map(\.foldedCase)
            let isOwn = !names.names.contains { $0.starts(with: prefix) }
            preparedEffects[index] = .setVariable(change, isOwnName: isOwn)
        }
    }

    /// Whether a quick test says all there is to say about a head: what it does needs no value that matched, and
    /// nobody hears of it.
    func isDecided(_ builder: RuleBuilder, _ head: CompiledRule, _ test: QuickTest) -> Bool {
        if case .none = test, !head.flags.contains(.unconditional) || !usesQuickTests {
            return false
        }
        return head.linkCount == 0 && head.disruption == .pass && head.severity == nil
            && head.exclusions.isEmpty
            && head.flags.isDisjoint(with: [.logged, .capturing, .multiMatch])
            && effects[head.effects].allSatisfy {
                if case .prepared = $0 { false } else { true }
            }
    }

    /// The ordinals of the selected rules, one bit each. Ordinals count heads in phase order.
    private func mask(_ selection: RuleSelection) -> RuleMask {
        var mask = RuleMask()
        var ordinal = 0
        for phase in 1...Assembler.phaseCount {
            for index in elements.indices where elements[index].phase == phase {
                if elements[index].isIncluded(in: selection, matcher) { mask.insert(ordinal) }
                ordinal += 1
            }
        }
        return mask
    }
}
