extension Evaluation {
    private static let familiarOperandLimit = 64

    /// Scans the request's head once: the line, cookies and watched header fields in one pass. Sources in which no
    /// literal and no byte of interest stands are closed: gated rules cannot match there.
    func scanHead() -> UInt8 { rules.headScan.openSources(request, fields, workspace) }

    /// Finds the gated rules of a phase that can match: looks at every value of the open sources through every chain
    /// of the phase, scans those that are new in one pass, and marks the rules whose gates opened.
    mutating func openGates(_ program: Shared<PhaseProgram>, phase: Int) {
        var sources = openSources ?? scanHead()
        openSources = sources
        let plan = workspace.plan(program.value, phase: phase, conditions(program.value))
        var active = plan.activeSources
        if phase < 3, requestBody.count == 0 {
            sources &= ~SourceClass.content.bit
            active &= ~SourceClass.content.bit
        }
        candidates.removeAll()
        areGatesOpen = true
        if plan.sources & (sources | active) == 0 { return }
        phaseValues.removeAll(keepingCapacity: true)
        for (index, watch) in program.value.watches.enumerated() {
            let first = candidates.operands.count
            let source = watch.source.bit
            let isActive = active & source != 0 && !plan.watches[index].activeChains.isEmpty
            if !plan.watches[index].chains.isEmpty, sources & source != 0 || isActive {
                let place = FamiliarValues.Place(phase: phase, conditions: plan.key, watch: index)
                collect(watch, plan.watches[index], place, isOpen: sources & source != 0)
            }
            candidates.close(from: first)
        }
        scanPending()
        candidates.summarize(values)
        visitOpened(program, plan)
    }

    /// Which of a phase's conditions hold, one bit each. None if a rule was removed on which they depend.
    private func conditions(_ program: PhaseProgram) -> UInt64 {
        if hasRemovedRules, program.regions.contains(where: { removedRules.contains($0.ordinal) }) {
            return 0
        }
        var key: UInt64 = 0
        for (index, condition) in program.conditions.enumerated() where condition.holds(tx) {
            key |= 1 << UInt64(index)
        }
        return key
    }

    private mutating func collect(
        _ watch: PhaseProgram.Watch,
        _ plan: PhasePlan.Watch,
        _ place: FamiliarValues.Place,
        isOpen: Bool
    ) {
        operands.removeAll(keepingCapacity: true)
        gathered = nil
        gather(watch.variable, headerSlot: watch.slot)
        let source = watch.source.bit
        let depth = max(plan.chains.depth, plan.activeChains.depth)
        while stepResults.count < depth { stepResults.append(ValueTable.none) }
        for operand in operands where operand.id >= 0 {
            guard hasTime(for: operand.value.count) else { return }
            let mark = familiarMark(of: operand, in: place)
            if let mark, workspace.familiarValues.contains(mark) { continue }
            candidates.add(operand, mark)
            // The scan of the head found no literal in a closed source.
            if !isOpen { values.skipScan(operand.id, rules) }
            if isOpen, values.kinds(operand.id, rules).intersects(plan.kinds) {
                seeForms(of: operand.id, plan.chains, source, isSeen: false)
            } else {
                seeForms(of: operand.id, plan.activeChains, source, isSeen: isOpen)
            }
        }
    }

    /// What stands for an operand among familiar values; nil where there are too many, or they come but once.
    @inline(__always)
    private func familiarMark(of operand: Operand, in place: FamiliarValues.Place)
        -> FamiliarValues.Mark?
    {
        guard operands.count <= Evaluation.familiarOperandLimit, observer == nil else { return nil }
        return workspace.familiarValues.mark(operand.value, named: operand.key, in: place)
    }

    /// Remembers the candidates of a phase that no rule matched. Only after a phase in which every rule whose gate
    /// opened had its say.
    func keepFamiliar() {
        for case let mark? in candidates.marks { workspace.familiarValues.keep(mark) }
    }

    /// Has what chains make of the last candidate scanned, and the candidate as it is if one leaves it so or `isSeen`
    /// says so: what changes nothing but the case of letters is left as it is.
    private mutating func seeForms(
        of id: Int32,
        _ tree: ChainTree,
        _ source: UInt8,
        isSeen: Bool
    ) {
        var isSeen = isSeen || tree.includesRoot
        var (last, isLastActive) = (id, false)
        var index = 0
        while index < tree.steps.count {
            let step = tree.steps[index]
            let before = step.depth > 0 ? stepResults[step.depth - 1] : id
            let changing = before == id ? step.visibleKinds : step.kindsFromHere
            let isLeft = !values.kinds(before, rules).intersects(changing)
            let result = isLeft ? before : values.taking(step, from: before, rules, scratch)
            stepResults[step.depth] = result
            if isLeft || step.isEnd {
                if result == id {
                    isSeen = true
                } else if result != last || step.isActive != isLastActive {
                    see(result, FormSources(source, isActive: step.isActive))
                }
                (last, isLastActive) = (result, step.isActive)
            }
            index = isLeft ? step.next : index + 1
        }
        if isSeen { see(id, FormSources(source, isActive: false)) }
    }

    /// Has a form of the last candidate scanned, unless that was done.
    private mutating func see(_ id: Int32, _ source: FormSources) {
        candidates.addForm(id)
        if values.see(id, in: source, phase: flow.phase) { phaseValues.append(id) }
    }

    /// Scans all pending values as one text and opens gates for each.
    private mutating func scanPending() {
        let buffer = workspace.scanBuffer
        buffer.removeAll()
        pendingValues.removeAll(keepingCapacity: true)
        pendingEnds.removeAll(keepingCapacity: true)
        for id in phaseValues where values.records[Int(id)].hit == ValueTable.pending {
            values.setHit(id, ValueTable.none)
            _ = values.kinds(id, rules)
            buffer.append(values.bytes(id))
            pendingValues.append(id)
            pendingEnds.append(buffer.count)
            buffer.append(0x0A)
        }
        if pendingValues.isEmpty { return }
        workspace.gateOpenings.removeAll(keepingCapacity: true)
        rules.gates.scan(
            buffer.view,
            ends: pendingEnds,
            workspace.gateMarks,
            workspace.scratch,
            &workspace.gateOpenings
        )
        for opening in workspace.gateOpenings {
            values.open(opening.gate, for: pendingValues[opening.position])
        }
    }

    /// Marks the heads whose gates some value opened, in a source that they look at.
    private mutating func visitOpened(_ program: Shared<PhaseProgram>, _ plan: PhasePlan) {
        let marks = workspace.gateMarks
        var kinds = InlineArray<16, ByteKinds>(repeating: .none)
        var present = FormSources.none
        for id in phaseValues {
            let record = values.records[Int(id)]
            present.formUnion(record.sources)
            for bit in record.sources { kinds[bit].formUnion(record.kinds) }
            var next = record.hit
            while next >= 0 {
                let hit = values.hits[Int(next)]
                marks.open(Int(hit.gate), in: record.sources)
                next = hit.next
            }
        }
        for gate in marks.opened {
            let sources = marks.sources(of: gate).filter {
                rules.gates.areDemandsMet(gate, by: kinds[$0])
            }
            visit(plan.openings(of: gate), sources, program)
        }
        marks.closeAll()
        for (gate, needed) in plan.kindGates {
            let sources = present.filter {
                kinds[$0].intersects(needed) && rules.gates.areDemandsMet(gate, by: kinds[$0])
            }
            visit(plan.openings(of: gate), sources, program)
        }
    }

    private mutating func visit(
        _ openings: ArraySlice<PhasePlan.Opening>,
        _ sources: FormSources,
        _ program: Shared<PhaseProgram>
    ) {
        if sources.isEmpty { return }
        for opening in openings where opening.sources.intersects(sources) {
            if visits.isEmpty { visits.append(contentsOf: program.value.ungated) }
            visits[Int(opening.slot) / 64] |= 1 << UInt64(opening.slot % 64)
        }
    }
}
