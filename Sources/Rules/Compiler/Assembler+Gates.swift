extension Assembler {
    /// Gives a head a gate if its operator needs literals in values that are known before the phase runs.
    mutating func addGate(_ rule: inout CompiledRule, _ builder: RuleBuilder, _ phase: Int) -> Bool {
        guard let required = builder.test?.requiredLiterals, !builder.isNegated else {
            return false
        }
        let looked = targets[rule.targets]
        guard looked.allSatisfy({ $0.source != .changing }) else { return false }
        let sources = looked.reduce(0) { $0 | $1.source.bit }
        var steps = builder.transformations
        while let last = steps.last, last.activation.isCaseOnly { steps.removeLast() }
        guard let gate = gates.addGate(required, sources: sources, &classes) else { return false }
        rule.gate = gate
        rule.gateChain = chains.index(of: steps)
        // With `multiMatch` the operator sees the value after each step.
        let seen =
            builder.isMultiMatch
            ? (0...builder.transformations.count).map {
                chains.index(of: Array(builder.transformations.prefix($0)))
            } : [rule.gateChain]
        for step in steps { gates.watch(step, sources: sources, &classes) }
        // Arguments are decoded when they are split, paths when they are looked at.
        if looked.contains(where: { $0.source == .arguments }) { watch([0x25, 0x2B], .arguments) }
        if looked.contains(where: { $0.source == .path }) { watch([0x25], .path) }
        for target in looked {
            let slot =
                target.variable == .requestHeaders && target.kind == .slot ? target.index : -1
            for chain in seen { programs[phase].watch(target.variable, slot: slot, chain: chain) }
        }
        while programs[phase].gateSlots.count <= gate { programs[phase].gateSlots.append([]) }
        programs[phase].gateSlots[gate].append(programs[phase].heads.count)
        return true
    }

    /// Takes over a head that does the same for every request: an action at the beginning that only sets numbers.
    mutating func fold(_ builder: RuleBuilder, _ head: CompiledRule) -> Bool {
        guard head.flags == .unconditional, head.linkCount == 0, head.disruption == .pass,
            builder.flow == nil,
            builder.severity == nil
        else { return false }
        var numbers: [(slot: Int, number: Int)] = []
        for effect in effects[head.effects] {
            guard case .assignNumber(let slot, let number) = effect else { return false }
            numbers.append((slot, number))
        }
        keepInitial(numbers)
        return true
    }

    private mutating func watch(_ bytes: Set<UInt8>, _ source: SourceClass) {
        if let bit = classes.bit(of: bytes) {
            gates.watch(bit, source.bit)
        } else {
            gates.openAlways(source.bit)
        }
    }
}

/// What a rule does when it matches, with the rules it names resolved.
enum CompiledEffect: Sendable {
    case setVariable(SetVariable)
    /// The commonest forms of `setvar`, without macros.
    case assignNumber(slot: Int, Int)
    case add(slot: Int, Int)
    case addSlot(slot: Int, Int)
    case control(Control)
    case removeRules(RuleMask)
    case removeTarget(RuleMask, TargetExclusion)
    /// What needs no preparation, and is rare.
    case other(Effect)
}

/// A set of rules, by ordinal.
struct RuleMask: Sendable {
    private var words: [UInt64] = []

    var isEmpty: Bool { words.isEmpty }

    mutating func insert(_ ordinal: Int) {
        while words.count <= ordinal / 64 { words.append(0) }
        words[ordinal / 64] |= 1 << UInt64(ordinal % 64)
    }

    mutating func formUnion(_ other: RuleMask) {
        while words.count < other.words.count { words.append(0) }
        for index in other.words.indices { words[index] |= other.words[index] }
    }

    func contains(_ ordinal: Int) -> Bool {
        ordinal / 64 < words.count && words[ordinal / 64] >> UInt64(ordinal % 64) & 1 == 1
    }

    mutating func removeAll() { words.removeAll(keepingCapacity: true) }
}
