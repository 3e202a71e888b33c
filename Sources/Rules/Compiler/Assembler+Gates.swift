extension Assembler {
    /// Gives a head a gate if its operator needs literals in values that are known before the phase runs.
    mutating func addGate(_ rule: inout CompiledRule, _ builder: RuleBuilder, _ phase: Int) -> Bool {
        guard let test = builder.test, let required = test.required, !builder.isNegated
        else { return false }
        let looked = targets[rule.targets]
        guard looked.allSatisfy({ $0.source != .changing }) else { return false }
        let sources = looked.reduce(0) { $0 | $1.source.bit }
        var steps = builder.transformations
        while let last = steps.last, last.activation.isCaseOnly { steps.removeLast() }
        rule.gate = gates.addGate(required, sources: sources)
        rule.gateChain = chains.index(of: steps)
        let isEager = gates.kinds[rule.gate].intersects(Assembler.ordinaryKinds)
        watchDecoding(sources)
        if !isEager { watch(rule.gate, steps, sources) }
        rule.firstWatch = watchIndices.count
        let watches = looked.map { target in
            let isHeader = target.variable == .requestHeaders && target.kind == .slot
            return programs[phase].watch(target.variable, slot: isHeader ? target.index : -1)
        }
        watchIndices += watches
        let seen = chainsSeen(rule, builder)
        if chains.areActive(seen) { rule.flags.insert(.active) }
        programs[phase].gatedHeads.append(
            PhaseProgram.GatedHead(
                slot: programs[phase].heads.count,
                gate: rule.gate,
                sources: sources,
                watches: watches,
                chains: seen,
                isEager: isEager
            )
        )
        return true
    }

    /// Gives a link a gate if it looks at values as they are for bytes that are seldom there, so that it passes over
    /// those that cannot match it. Its head runs all the same.
    mutating func addGate(
        _ rule: inout CompiledRule,
        ofLink link: RuleBuilder,
        index: Int,
        _ phase: Int
    ) {
        guard let literals = link.test?.required?.literals,
            literals.allSatisfy({ $0.count == 1 }),
            !ByteKinds(of: literals.joined()).intersects(Assembler.ordinaryKinds),
            link.transformations.allSatisfy(\.activation.isCaseOnly), !link.isMultiMatch,
            addGate(&rule, link, phase)
        else { return }
        programs[phase].gatedLinks.append(index)
    }

    /// Bytes that stand in the head of every ordinary request. A gate that one of them opens would keep no source
    /// closed.
    private static let ordinaryKinds = ByteKinds(
        of: Array(0x61...0x7A) + Array(0x30...0x39) + Array(" =/.-_,;:()&?".utf8)
    )

    /// Has the sources opened by whatever could open the gate.
    private mutating func watch(_ gate: Int, _ steps: [Transformation], _ sources: UInt8) {
        gates.watch(gates.kinds[gate], sources)
        for step in steps { gates.watch(step, sources: sources) }
    }

    /// Arguments are decoded when they are split, paths when they are looked at: what is decoded is not what the scan
    /// of the head saw, so that it closes no source in which something is encoded.
    private mutating func watchDecoding(_ sources: UInt8) {
        gates.watch(ByteKinds(of: [0x25, 0x2B]), sources & SourceClass.arguments.bit)
        gates.watch(ByteKinds(of: 0x25), sources & SourceClass.path.bit)
    }

    /// With `multiMatch` the operator sees the value after each step.
    private mutating func chainsSeen(_ rule: CompiledRule, _ builder: RuleBuilder) -> [Int] {
        if !builder.isMultiMatch { return [rule.gateChain] }
        return (0...builder.transformations.count).map {
            chains.index(of: Array(builder.transformations.prefix($0)))
        }
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
}
