extension Evaluation {
    /// From how many values on a rule looks at the clock.
    private static let manyOperands = 100

    /// Runs the rules of a phase in order. Returns the interruption of the first rule that blocks, if blocking is on.
    mutating func evaluate(phase: Int) -> Interruption? {
        guard mode != .off, flow.allowedThrough < phase || phase == 5 else { return nil }
        flow.phase = phase
        gathered = nil
        if phase == 1 { chooseBodyProcessor() }
        let program = rules.programs[phase]
        if program.value.heads.isEmpty { return nil }
        if !visits.isEmpty { visits.removeAll(keepingCapacity: true) }
        areGatesOpen = false
        denied.removeAll()
        let searchesBefore = exhaustedSearchCount
        var ending = Ending.reached(0)
        if !workspace.usesGates {
            visits.append(contentsOf: program.value.everyHead)
        } else {
            for index in 0..<program.value.foldedCount {
                matchedRules.append(Int32(truncatingIfNeeded: index))
            }
            if !program.value.gatedHeads.isEmpty {
                ending = runHeads(program, 0..<program.value.openingSlot)
                if case .reached = ending { openGates(program, phase: phase) }
            }
        }
        if case .reached(let slot) = ending {
            ending = runHeads(program, slot..<max(slot, program.value.heads.count))
        }
        if case .interrupted(let interruption) = ending { return interruption }
        if case .reached = ending, areGatesOpen, !budget.isSpent,
            exhaustedSearchCount == searchesBefore
        {
            doubtLinks(program)
            keepFamiliar()
        }
        return nil
    }

    /// Whether a link is asked depends on its head: what opens its gate is in doubt, whatever became of it now.
    private mutating func doubtLinks(_ program: Shared<PhaseProgram>) {
        for link in program.value.gatedLinks { _ = runGated(rules.tables.rules[link], nil) }
    }

    /// How a run of heads ended.
    private enum Ending {
        /// With the slot to go on at.
        case reached(Int)
        case phaseOver
        case interrupted(Interruption)
    }

    /// Runs the visited heads among some slots in order, following jumps.
    private mutating func runHeads(_ program: Shared<PhaseProgram>, _ slots: Range<Int>) -> Ending {
        if slots.isEmpty { return .reached(slots.upperBound) }
        var word = slots.lowerBound / 64
        var bits = visited(program, word) & (UInt64.max << UInt64(slots.lowerBound % 64))
        while true {
            while bits == 0 {
                word += 1
                if word * 64 >= slots.upperBound { return .reached(slots.upperBound) }
                bits = visited(program, word)
            }
            let slot = word * 64 + bits.trailingZeroBitCount
            if slot >= slots.upperBound { return .reached(slots.upperBound) }
            bits &= bits - 1
            guard mayMatch(program.value.quickTests[slot]) else { continue }
            let index = program.value.heads[slot]
            if isDecided(index) {
                matchedRules.append(Int32(truncatingIfNeeded: index))
                perform(rules.tables.rules[index].effects)
            } else {
                guard runHead(index) else { continue }
                if let interruption = finish(index) { return .interrupted(interruption) }
                if flow.allowedThrough >= flow.phase && flow.phase != 5 || mode == .off {
                    return .phaseOver
                }
            }
            let jump = rules.tables.rules[index].jump
            if jump >= 0 {
                notePassedOver(
                    program,
                    slot + 1..<max(slot + 1, min(jump, program.value.heads.count))
                )
                if jump >= slots.upperBound { return .reached(jump) }
                word = jump / 64
                bits = visited(program, word) & (UInt64.max << UInt64(jump % 64))
            }
        }
    }

    /// Whether a head that may match by its quick test matches by that alone.
    @inline(__always)
    private func isDecided(_ index: Int) -> Bool {
        let rule = rules.tables.rules[index]
        return rule.flags.contains(.decided) && observer == nil
            && !(hasRemovedRules && removedRules.contains(rule.ordinal))
    }

    /// A jump may pass over heads whose gates opened: what they would have said is not known.
    private mutating func notePassedOver(_ program: Shared<PhaseProgram>, _ slots: Range<Int>) {
        if visits.isEmpty || slots.isEmpty { return }
        for word in slots.lowerBound / 64...(slots.upperBound - 1) / 64 {
            var opened = visits[word] & ~program.value.ungated[word]
            if word == slots.lowerBound / 64 { opened &= .max << UInt64(slots.lowerBound % 64) }
            while opened != 0 {
                let slot = word * 64 + opened.trailingZeroBitCount
                if slot >= slots.upperBound { return }
                opened &= opened - 1
                _ = runGated(rules.tables.rules[program.value.heads[slot]], nil)
            }
        }
    }

    /// 64 heads of a phase: those that run in any case, and those whose gates opened.
    @inline(__always)
    private func visited(_ program: Shared<PhaseProgram>, _ word: Int) -> UInt64 {
        visits.isEmpty ? program.value.ungated[word] : visits[word]
    }

    /// Whether a head and all links of its chain match.
    private mutating func runHead(_ index: Int) -> Bool {
        let head = rules.tables.rules[index]
        if hasRemovedRules, removedRules.contains(head.ordinal) {
            if head.gate >= 0, areGatesOpen { _ = runGated(head, nil) }
            return false
        }
        current.head = index
        current.link = 0
        current.hasMatch = false
        if !matchedOperands.isEmpty { matchedOperands.removeAll(keepingCapacity: true) }
        guard run(head) else { return false }
        if head.linkCount > 0 {
            for link in (index + 1)...(index + head.linkCount) {
                current.link = link - index
                guard run(rules.tables.rules[link]) else { return false }
            }
        }
        return true
    }

    /// Whether a rule matches some value; its effects happen once for each.
    private mutating func run(_ rule: CompiledRule) -> Bool {
        if rule.flags.contains(.unconditional) {
            perform(rule.effects)
            return true
        }
        if rule.flags.contains(.numeric) { return runNumeric(rule) }
        if rule.twins < 0 || observer != nil { return ask(rule) }
        guard let removed = removedTargets.concerning(rule, rules.tables.removals) else {
            return ask(rule)
        }
        if denied.contains(rule.twins, without: removed) { return false }
        let isMatch = ask(rule)
        if !isMatch { denied.insert(rule.twins, without: removed) }
        return isMatch
    }

    /// Puts the question of a rule to all values that it looks at.
    private mutating func ask(_ rule: CompiledRule) -> Bool {
        let test = rules.tables.tests[rule.test]
        current.isCapturing = rule.flags.contains(.capturing)
        if rule.gate >= 0, areGatesOpen { return runGated(rule, test) }
        gatherTargets(of: rule)
        // Many values take time even where each is short.
        if operands.count > Evaluation.manyOperands, !budget.isSpent, !budget.isLeft {
            exhaustedSearchCount += 1
        }
        var isMatch = false
        var position = 0
        while position < operands.count {
            let operand = operands[position]
            position += 1
            if apply(test, rule, operand) { isMatch = true }
        }
        return isMatch
    }

    /// Whether a gated rule matches some value; looks only at those that open its gate in some form. Without a test the
    /// rule is not asked, and those values are in doubt.
    private mutating func runGated(_ rule: CompiledRule, _ test: (any Operator)?) -> Bool {
        if candidates.operands.count > Evaluation.manyOperands, !budget.isSpent, !budget.isLeft {
            exhaustedSearchCount += 1
        }
        var isMatch = false
        for (offset, index) in rule.targets.enumerated() {
            let target = rules.tables.targets[index]
            let watch = rules.tables.watchIndices[rule.firstWatch + offset]
            guard watch < candidates.ranges.count else { continue }
            var left = candidates.ranges[watch]
            while let position = candidates.firstOpen(in: left, for: rule, rules) {
                left = (position + 1)..<left.upperBound
                let operand = candidates.operands[position]
                if target.kind == .selector,
                    !rules.tables.selectors[target.index].selects(operand.key, workspace.matcher)
                {
                    continue
                }
                if isExcluded(operand, by: rule) { continue }
                // What a target removed at run time would have said is not known either.
                guard let test, !isRemoved(operand, from: rule) else {
                    candidates.noteDoubt(at: position)
                    continue
                }
                if apply(test, rule, operand) {
                    candidates.noteDoubt(at: position)
                    isMatch = true
                }
            }
        }
        return isMatch
    }

    /// Fills the operands, unless the rule before looked at the same.
    private mutating func gatherTargets(of rule: CompiledRule) {
        if let gathered, rule.isStable, gathered == rule.targets { return }
        if !operands.isEmpty { operands.removeAll(keepingCapacity: true) }
        for index in rule.targets {
            gather(rules.tables.targets[index])
        }
        gathered = rule.isStable ? rule.targets : nil
    }

    private mutating func apply(_ test: any Operator, _ rule: CompiledRule, _ operand: Operand)
        -> Bool
    {
        let isNegated = rule.flags.contains(.negated)
        guard hasTime(for: operand.value.count) else { return false }
        if rule.flags.contains(.multiMatch) {
            return isLeftOut(operand, rule) ? false : applyEachStep(test, rule, operand)
        }
        var value = operand.value
        if rule.gate >= 0 || rule.chain != TransformationChains.root {
            let id = operand.id >= 0 ? operand.id : values.add(operand.value)
            if rule.gate >= 0, areGatesOpen {
                let scanned = values.scanned(rule.gateChain, of: id, rules, scratch)
                if !values.mayMatch(scanned, gate: rule.gate, rules.gates) { return false }
            }
            let result = values.applying(rule.chain, to: id, rules, scratch)
            value = values.bytes(result)
        }
        if isLeftOut(operand, rule) { return false }
        let isMatch = test.matches(value, &self) != isNegated
        if observer != nil { observe(rule, operand, value, isMatch: isMatch) }
        guard isMatch else { return false }
        note(operand, value)
        perform(rule.effects)
        return true
    }

    /// `multiMatch`: the operator sees the value as it came and after each step that changed it.
    private mutating func applyEachStep(
        _ test: any Operator,
        _ rule: CompiledRule,
        _ operand: Operand
    ) -> Bool {
        let isNegated = rule.flags.contains(.negated)
        var id = operand.id >= 0 ? operand.id : values.add(operand.value)
        var isMatch = false
        var steps = rules.chains[rule.chain].steps[...]
        while true {
            let isOpen =
                rule.gate < 0 || !areGatesOpen
                || values.mayMatch(id, gate: rule.gate, rules.gates)
            let isHit = isOpen && test.matches(values.bytes(id), &self) != isNegated
            if observer != nil { observe(rule, operand, values.bytes(id), isMatch: isHit) }
            if isHit {
                isMatch = true
                note(operand, values.bytes(id))
                perform(rule.effects)
            }
            var next = id
            while next == id, let step = steps.popFirst() {
                next = values.applying(step, to: id, rules, scratch)
            }
            if next == id { return isMatch }
            id = next
        }
    }

    private mutating func runNumeric(_ rule: CompiledRule) -> Bool {
        let target = rules.tables.targets[rule.targets.lowerBound]
        let number: Int
        if target.isCount {
            number = count(target)
        } else if target.variable != .tx {
            number = numberOfSingle(target.variable) ?? 0
        } else {
            let value = tx[target.index]
            guard value.isSet else { return false }
            number = value.number
        }
        let other = rule.constantSlot >= 0 ? tx[rule.constantSlot].number : rule.constant
        let isMatch = rule.relation.holds(number, other) != rule.flags.contains(.negated)
        if isMatch || observer != nil {
            return noteNumber(number, of: target, rule, isMatch: isMatch)
        }
        return false
    }

    private mutating func noteNumber(
        _ number: Int,
        of target: CompiledTarget,
        _ rule: CompiledRule,
        isMatch: Bool
    ) -> Bool {
        let operand = Operand(
            variable: target.variable,
            key: selectedName(of: target),
            value: arena.decimal(number),
            id: -1,
            isCount: target.isCount
        )
        if observer != nil { observe(rule, operand, operand.value, isMatch: isMatch) }
        guard isMatch else { return false }
        note(operand, operand.value)
        perform(rule.effects)
        return true
    }

    /// Remembers what matched, for macros, MATCHED_VARS and the log.
    private mutating func note(_ operand: Operand, _ value: ByteView) {
        var matched = operand
        matched.value = value
        current.match = matched
        current.hasMatch = true
        matchedOperands.append(matched)
    }

    @inline(__always)
    private mutating func isLeftOut(_ operand: Operand, _ rule: CompiledRule) -> Bool {
        isExcluded(operand, by: rule) || isRemoved(operand, from: rule)
    }

    /// Whether the rule itself, or a directive about it, leaves a value out.
    @inline(__always)
    private mutating func isExcluded(_ operand: Operand, by rule: CompiledRule) -> Bool {
        for index in rule.exclusions
        where rules.tables.exclusions[index].excludes(
            operand.variable,
            operand.key,
            workspace.matcher
        ) {
            return true
        }
        return false
    }

    /// Whether an action of this transaction took a value away from the rule.
    @inline(__always)
    private mutating func isRemoved(_ operand: Operand, from rule: CompiledRule) -> Bool {
        removedTargets.contains(operand, of: rule, rules.tables.removals, workspace.matcher)
    }
}
