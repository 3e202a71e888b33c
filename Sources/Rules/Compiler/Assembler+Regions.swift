extension Assembler {
    private typealias Candidate = (slots: Range<Int>, condition: PhaseCondition, ordinal: Int)

    private static let conditionLimit = 64
    /// So many gated heads at most may stand before the last one that changes what conditions depend on.
    private static let earlyHeadLimit = 48
    /// TX slots below are the groups of the last match.
    private static let firstOwnSlot = 10

    /// Finds the heads that jump over others depending on a number that stays as it is while the phase runs: the gates
    /// of paranoia levels. What they jump over need not be prepared for.
    mutating func findRegions(_ phase: Int) {
        let candidates = regionCandidates(programs[phase])
        if candidates.isEmpty { return }
        let gated = programs[phase].gatedHeads.map(\.slot)
        // What most jumps depend on says when gates open; what changes later than that is no condition.
        let counts = candidates.reduce(into: [:]) { $0[$1.condition.slot, default: 0] += 1 }
        let writers = counts.keys.map { slot in
            let ordinals = candidates.filter { $0.condition.slot == slot }.map(\.ordinal)
            let last = max(
                lastWriter(of: slot, programs[phase]),
                lastRemover(of: ordinals, programs[phase])
            )
            return (slot: slot, next: last + 1)
        }
        let usable = writers.filter { writer in
            gated.count { $0 < writer.next } <= Assembler.earlyHeadLimit
        }
        guard let first = usable.max(by: { (counts[$0.slot] ?? 0) < (counts[$1.slot] ?? 0) }) else {
            return
        }
        let opening = first.next
        let settled = Set(usable.filter { $0.next <= opening }.map(\.slot))
        let regions = candidates.filter {
            settled.contains($0.condition.slot) && $0.slots.lowerBound > opening
        }
        if regions.isEmpty { return }
        programs[phase].openingSlot = opening
        for slot in gated where slot < opening {
            programs[phase].ungate(slot)
            rules[programs[phase].heads[slot]].gate = -1
        }
        for region in regions { add(region, phase) }
    }

    private mutating func add(_ region: Candidate, _ phase: Int) {
        let known = programs[phase].conditions.firstIndex(of: region.condition)
        let index = known ?? programs[phase].conditions.count
        guard index < Assembler.conditionLimit else { return }
        if known == nil { programs[phase].conditions.append(region.condition) }
        programs[phase].regions.append(
            PhaseProgram.Region(condition: index, slots: region.slots, ordinal: region.ordinal)
        )
    }

    /// Heads that jump if a number in TX compares as it should, and that nothing jumps past.
    private func regionCandidates(_ program: PhaseProgram) -> [Candidate] {
        let jumps = program.heads.enumerated().compactMap { slot, index in
            rules[index].jump >= 0 ? (slot: slot, end: rules[index].jump) : nil
        }
        return jumps.compactMap { jump in
            let rule = rules[program.heads[jump.slot]]
            let slots = jump.slot + 1..<max(jump.end, jump.slot + 1)
            guard !slots.isEmpty, rule.linkCount == 0,
                case .slot(let slot, let relation, let constant, -1, let isNegated) =
                    program.quickTests[jump.slot],
                slot >= Assembler.firstOwnSlot,
                !jumps.contains(where: { $0.slot < jump.slot && slots.contains($0.end) })
            else { return nil }
            let condition = PhaseCondition(
                slot: slot,
                relation: relation,
                constant: constant,
                isNegated: isNegated
            )
            return (slots, condition, rule.ordinal)
        }
    }

    /// The slot of the last head of a phase that may change a TX slot; -1 if none does.
    private func lastWriter(of slot: Int, _ program: PhaseProgram) -> Int {
        lastHead(of: program) { mayWrite($0, slot) }
    }

    /// The slot of the last head of a phase that removes one of some rules; -1 if none does.
    private func lastRemover(of ordinals: [Int], _ program: PhaseProgram) -> Int {
        lastHead(of: program) { effect in
            guard case .prepared(let index) = effect,
                case .removeRules(let mask) = preparedEffects[index]
            else { return false }
            return ordinals.contains(where: mask.contains)
        }
    }

    private func lastHead(of program: PhaseProgram, with isMeant: (CompiledEffect) -> Bool) -> Int {
        program.heads.lastIndex { index in
            (index...index + rules[index].linkCount).contains { link in
                effects[rules[link].effects].contains(where: isMeant)
            }
        } ?? -1
    }

    private func mayWrite(_ effect: CompiledEffect, _ slot: Int) -> Bool {
        switch effect {
        case .assignNumber(let written, _), .assignText(let written, _),
            .assignSlot(let written, _),
            .add(let written, _), .addSlot(let written, _):
            return written == slot
        case .prepared(let index):
            guard case .setVariable(let change, _) = preparedEffects[index], change.variable == .tx
            else { return false }
            if let written = change.slot { return written == slot }
            // A name made at run time begins with its constant part.
            guard case .literal(let beginning)? = change.name.parts.first else { return true }
            return names.names[slot].starts(with: beginning.view.array.map(\.foldedCase))
        }
    }
}
