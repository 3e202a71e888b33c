/// Lays out the collected rules as flat tables: the last step of compiling.
struct Assembler {
    static let phaseCount = 5

    var rules: [CompiledRule] = []
    var metadata: [RuleMetadata] = []
    var targets: [CompiledTarget] = []
    var exclusions: [TargetExclusion] = []
    var effects: [CompiledEffect] = []
    var preparedEffects: [PreparedEffect] = []
    var removals: [TargetRemoval] = []
    var removalIndices: [RemovalKey: Int] = [:]
    /// Macros whose texts effects point into.
    var effectTexts: [Macro] = []
    var tests: [any Operator] = []
    var selectors: [MemberSelector] = []
    var chains = TransformationChains()
    let kinds = ByteKindTable()
    var gates = GateTable()
    var headers = HeaderSlots()
    var names: SlotNames
    /// For the targets of gated rules, what the phase watches for them.
    var watchIndices: [Int] = []
    var programs = [PhaseProgram](repeating: PhaseProgram(), count: Assembler.phaseCount + 1)
    var problems: ProblemList
    /// Numbers that TX slots hold before the first rule, in the place of the first heads of phase 1.
    private(set) var initialNumbers: [(slot: Int, number: Int)] = []
    private(set) var readsWholeHead = false
    private(set) var usesXPath = false
    private(set) var headScan: HeadScan?
    private(set) var fixedVariables: [Variable] = []
    private var headCount = 0
    private var targetLists: [[CompiledTarget]: Range<Int>] = [:]
    private var selectorIndices: [SelectorKey: Int] = [:]
    var questions: [Question: Int] = [:]
    var twinCount = 0
    let elements: [Compiler.Element]
    let matcher: Matcher
    private let argumentSeparator: UInt8
    private let options: RuleSetOptions

    init(_ compiler: Compiler, _ options: RuleSetOptions) {
        self.options = options
        names = compiler.names
        problems = compiler.problems
        elements = compiler.elements
        matcher = compiler.matcher
        argumentSeparator = compiler.settings.argumentSeparator
    }

    var ruleCount: Int { headCount }
    var usesQuickTests: Bool { !options.contains(.runsEveryRule) }

    /// Compiles every rule and makes the gates.
    mutating func assemble() {
        for phase in 1...Assembler.phaseCount {
            layOut(phase)
            findRegions(phase)
        }
        numberTwins()
        findOwnNames()
        if !gates.compile() {
            problems.error("literals", "the literals of the rules could not be compiled", file: "")
        }
        let gated = programs.flatMap(\.watches)
        let scan = HeadScan(
            gates,
            kinds,
            watchedSlots: (0..<headers.count).map { slot in
                gated.contains { $0.slot == slot && $0.source == .headers }
            },
            watchesEveryHeader: gated.contains { $0.source == .headers && $0.slot < 0 },
            separator: argumentSeparator
        )
        if !scan.isComplete {
            problems.error("literals", "the literals of the rules could not be compiled", file: "")
        }
        headScan = scan
    }

    private mutating func layOut(_ phase: Int) {
        var markers: [String: Int] = [:]
        var pending: [(rule: Int, slot: Int, flow: RuleBuilder.Flow)] = []
        for element in elements {
            switch element {
            case .marker(let label):
                markers[label.text] = programs[phase].heads.count
                for jump in pending {
                    if case .skipAfter(let wanted) = jump.flow, wanted.text == label.text,
                        rules[jump.rule].jump < 0
                    {
                        rules[jump.rule].jump = programs[phase].heads.count
                    }
                }
            case .rule(let builder) where builder.phase == phase:
                let slot = programs[phase].heads.count
                let index = add(builder, phase)
                if let flow = builder.flow { pending.append((index, slot, flow)) }
            case .rule: break
            }
        }
        for jump in pending { resolve(jump.flow, rule: jump.rule, slot: jump.slot, phase: phase) }
    }

    private mutating func resolve(_ flow: RuleBuilder.Flow, rule: Int, slot: Int, phase: Int) {
        switch flow {
        case .skip(let count): rules[rule].jump = min(slot + 1 + count, programs[phase].heads.count)
        case .skipAfter(let label):
            if rules[rule].jump >= 0 { return }
            let known = elements.compactMap {
                if case .marker(let marker) = $0 { marker.text } else { nil }
            }
            problems.error(
                "no-marker",
                "no marker `\(label.text)` follows",
                at: label,
                hint: NearestName.hint(label.text, in: known)
            )
        }
    }

    /// Adds a head with its links; returns its index.
    private mutating func add(_ builder: RuleBuilder, _ phase: Int) -> Int {
        let index = rules.count
        let ordinal = headCount
        headCount += 1
        let slot = programs[phase].heads.count
        var head = compiled(builder, ordinal: ordinal)
        head.linkCount = builder.links.count
        let isGated = addGate(&head, builder, phase)
        rules.append(head)
        metadata.append(
            makeMetadata(builder, builder.links.last { $0.message != nil || $0.logData != nil })
        )
        for link in builder.links {
            var rule = compiled(link, ordinal: ordinal)
            rule.id = builder.id
            if !isGated { addGate(&rule, ofLink: link, index: rules.count, phase) }
            rules.append(rule)
            metadata.append(makeMetadata(link, nil))
        }
        programs[phase].heads.append(index)
        let target = head.targets.count == 1 ? targets[head.targets.lowerBound] : nil
        programs[phase].quickTests.append(
            usesQuickTests ? QuickTest(head, target, builder.test) : .none
        )
        if isDecided(builder, head, programs[phase].quickTests[slot]) {
            rules[index].flags.insert(.decided)
        }
        if slot % 64 == 0 { programs[phase].ungated.append(0) }
        let isDone = phase == 1 && slot == programs[1].foldedCount && fold(builder, head)
        if !isGated && !isDone { programs[phase].ungated[slot / 64] |= 1 << UInt64(slot % 64) }
        return index
    }

    private func makeMetadata(_ builder: RuleBuilder, _ link: RuleBuilder?) -> RuleMetadata {
        let none = Macro(constant: [])
        return RuleMetadata(
            id: builder.id,
            phase: builder.phase,
            severity: builder.severity,
            message: builder.message ?? link?.message ?? none,
            logData: builder.logData ?? link?.logData ?? none,
            tags: builder.tags,
            redirect: builder.redirect ?? none,
            version: builder.version,
            revision: builder.revision
        )
    }

    private mutating func compiled(_ builder: RuleBuilder, ordinal: Int) -> CompiledRule {
        var rule = CompiledRule()
        rule.id = builder.id
        rule.ordinal = ordinal
        rule.disruption = builder.disruption
        rule.severity = builder.severity
        rule.status = builder.status ?? 403
        if builder.disruption == .redirect, ![301, 302, 303, 307, 308].contains(rule.status) {
            rule.status = 302
        }
        if builder.isNegated { rule.flags.insert(.negated) }
        if builder.isCapturing { rule.flags.insert(.capturing) }
        if builder.isMultiMatch { rule.flags.insert(.multiMatch) }
        if builder.isLogged { rule.flags.insert(.logged) }
        rule.chain = chains.index(of: builder.transformations)
        rule.targets = addTargets(builder.targets)
        rule.isStable = targets[rule.targets].allSatisfy { $0.source != .changing }
        let firstExclusion = exclusions.count
        exclusions += builder.exclusions
        rule.exclusions = firstExclusion..<exclusions.count
        let firstEffect = effects.count
        for effect in builder.effects { effects.append(compiled(effect)) }
        rule.effects = firstEffect..<effects.count
        if let test = builder.test {
            rule.test = tests.count
            tests.append(test)
            // Where `capture` meets a negation, a rule that fails has set groups.
            let setsGroups = builder.isNegated && builder.isCapturing
            if rule.isStable, !setsGroups { rule.twins = question(rule, builder, test) }
        } else {
            rule.flags.insert(.unconditional)
        }
        addNumber(builder, &rule)
        return rule
    }

    /// Adds a list of targets, once however many rules have it: what they gather can then be shared.
    private mutating func addTargets(_ definitions: [TargetDefinition]) -> Range<Int> {
        let list = definitions.map { compiled($0) }
        if let known = targetLists[list] { return known }
        let range = targets.count..<(targets.count + list.count)
        targets += list
        targetLists[list] = range
        return range
    }

    /// Remembers what the head that comes next would set.
    mutating func keepInitial(_ numbers: [(slot: Int, number: Int)]) {
        initialNumbers += numbers
        programs[1].foldedCount += 1
    }

    private func addNumber(_ builder: RuleBuilder, _ rule: inout CompiledRule) {
        guard isNumeric(builder, rule), let test = builder.test as? NumericComparison else {
            return
        }
        if let constant = test.constant {
            rule.constant = constant
        } else if test.parameter.parts.count == 1, case .slot(let slot) = test.parameter.parts[0] {
            rule.constantSlot = slot
        } else {
            return
        }
        rule.relation = test.relation
        rule.flags.insert(.numeric)
    }

    /// A comparison of one count or one TX slot, without anything that needs its text.
    private func isNumeric(_ builder: RuleBuilder, _ rule: CompiledRule) -> Bool {
        guard builder.testName?.relation != nil, rule.targets.count == 1,
            builder.transformations.isEmpty, builder.exclusions.isEmpty, !builder.isMultiMatch
        else { return false }
        let target = targets[rule.targets.lowerBound]
        if target.isCount { return target.kind != .selector }
        return target.variable.isNumber || target.variable == .tx && target.kind == .slot
    }

    private mutating func compiled(_ definition: TargetDefinition) -> CompiledTarget {
        let variable = definition.variable
        var kind = CompiledTarget.Kind.all
        var index = -1
        if case .name(let name) = definition.selector, variable == .tx {
            kind = .slot
            index = names.slot(name)
        } else if case .name(let name) = definition.selector,
            variable == .requestHeaders || variable == .responseHeaders
        {
            kind = .slot
            index = headers.slot(name)
        } else if definition.selector != .all, let known = selectorIndex(definition) {
            kind = .selector
            index = known
        }
        if kind != .slot, variable.readsWholeHead { readsWholeHead = true }
        var cacheIndex = -1
        if variable.isFixedValue {
            cacheIndex = fixedVariables.firstIndex(of: variable) ?? fixedVariables.count
            if cacheIndex == fixedVariables.count { fixedVariables.append(variable) }
        }
        return CompiledTarget(
            variable: variable,
            kind: kind,
            isCount: definition.isCount,
            index: index,
            cacheIndex: cacheIndex,
            source: definition.isCount ? .changing : variable.source
        )
    }

    /// The place of a selector among all, once however many rules have it; nil if it does not compile.
    private mutating func selectorIndex(_ definition: TargetDefinition) -> Int? {
        let key = SelectorKey(variable: definition.variable, selector: definition.selector)
        if let known = selectorIndices[key] { return known }
        guard let selector = MemberSelector(definition, &problems) else { return nil }
        if case .path = selector { usesXPath = true }
        selectorIndices[key] = selectors.count
        selectors.append(selector)
        return selectors.count - 1
    }
}
