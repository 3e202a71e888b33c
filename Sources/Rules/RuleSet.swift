import Locations

/// A compiled rule set: immutable, shared by all workers, replaced as a whole on reload.
public final class RuleSet: Sendable {
    let settings: Settings
    let programs: [Shared<PhaseProgram>]
    let tables: RuleTables
    let gates: GateTable
    let kinds: ByteKindTable
    let chains: TransformationChains
    let headers: HeaderSlots
    let names: SlotNames
    let codePage: CodePage?
    /// The database of `SecGeoLookupDb`.
    let locations: LocationDatabase?
    /// Variables with one value each, in the order of their places in a transaction's cache.
    let fixedVariables: [Variable]
    let slotNames: [Constant]
    /// How many questions several rules ask.
    let twinCount: Int
    /// The TX slots as the actions at the beginning of phase 1 set them.
    let initialValues: [TXStore.Value]
    let headScan: HeadScan
    /// Whether rules look at header fields that they do not name.
    let readsWholeHead: Bool
    /// Where the rules keep a header field of this name, given in lower case: asked once, it spares the search for each
    /// request.
    public func headerPlace(of name: StaticString) -> HeaderPlace {
        let slot = headers.find(ByteView(name))
        return HeaderPlace(slot: slot, isWanted: slot >= 0 || readsWholeHead)
    }

    /// Whether rules run once the response is there, so that they may look at its head.
    public var runsOnResponses: Bool { programs[3...].contains { !$0.value.heads.isEmpty } }
    /// Whether rules look at single nodes of XML documents.
    let usesXPath: Bool
    let inboundScoreSlots: [Int]
    let outboundScoreSlots: [Int]
    /// The TX slots that rule sets keep their paranoia level in.
    let paranoiaSlots: [Int]
    /// How many rules are active; a chain counts as one.
    public let ruleCount: Int
    /// Tells rule sets apart: 16 hexadecimal digits made of every byte that was read.
    public let checksum: String
    /// The paths it was loaded from, and what was read there; without paths it cannot be told whether that changed.
    private let paths: [String]
    private let filesRead: FilesRead
    /// The rules as written, if a tool asked for them.
    let elements: [Compiler.Element]
    /// Problems that did not prevent loading.
    public let warnings: [RuleProblem]

    /// Loads rule files in order. A path may hold wildcards; relative includes are looked up beside the including file.
    /// - Throws: `RuleSetError` with all problems of all files.
    public static func load(_ paths: [String]) throws(RuleSetError) -> RuleSet {
        var compiler = Compiler()
        compiler.read(paths: paths)
        return try RuleSet(compiler, paths: paths)
    }

    /// Whether loading these paths would give the same rule set again: they are those it was loaded from,
    /// and every file that was read is as it was. Looks at the files' times and sizes alone.
    public func isCurrent(for paths: [String]) -> Bool {
        !paths.isEmpty && paths == self.paths && filesRead.areUnchanged
    }

    /// Loads rules from text, for tests and tools. `name` stands in messages, and relative paths are looked up
    /// beside it.
    public static func load(text: String, name: String) throws(RuleSetError) -> RuleSet {
        var compiler = Compiler()
        compiler.read(SourceFile(name: name, bytes: Array(text.utf8)))
        return try RuleSet(compiler)
    }

    init(_ compiler: Compiler, _ options: RuleSetOptions = [], paths: [String] = [])
        throws(RuleSetError)
    {
        var compiler = compiler
        compiler.explainUnmatched()
        compiler.explainLookups()
        var assembler = Assembler(compiler, options)
        assembler.assemble()
        guard let headScan = assembler.headScan, !assembler.problems.hasErrors else {
            throw RuleSetError(problems: assembler.problems.problems)
        }
        self.headScan = headScan
        elements = options.contains(.keepsSource) ? compiler.elements : []
        self.paths = paths
        filesRead = compiler.filesRead
        settings = compiler.settings
        codePage = compiler.codePage
        locations = compiler.locations
        programs = assembler.programs.map(Shared.init)
        tables = RuleTables(assembler)
        gates = assembler.gates
        kinds = assembler.kinds
        chains = assembler.chains
        headers = assembler.headers
        readsWholeHead = assembler.readsWholeHead || assembler.names.readsWholeHead
        usesXPath = assembler.usesXPath
        fixedVariables = assembler.fixedVariables
        ruleCount = assembler.ruleCount
        twinCount = assembler.twinCount
        checksum = compiler.checksum
        warnings = assembler.problems.problems
        inboundScoreSlots = [
            "blocking_inbound_anomaly_score", "inbound_anomaly_score", "anomaly_score",
        ].map {
            assembler.names.slot(Array($0.utf8))
        }
        outboundScoreSlots = ["blocking_outbound_anomaly_score", "outbound_anomaly_score"].map {
            assembler.names.slot(Array($0.utf8))
        }
        paranoiaSlots = [
            "blocking_paranoia_level", "detection_paranoia_level", "paranoia_level",
            "executing_paranoia_level",
        ].compactMap { assembler.names.find(Array($0.utf8)) }
        names = assembler.names
        var initialValues = [TXStore.Value](repeating: .unset, count: assembler.names.count)
        for (slot, number) in assembler.initialNumbers { initialValues[slot] = .number(number) }
        self.initialValues = initialValues
        slotNames = assembler.names.names.map { Constant($0) }
    }

    /// `SecRuleEngine`; a transaction may be started in another mode.
    public var mode: EngineMode { settings.mode }
    /// `SecRequestBodyAccess`: whether request bodies are inspected.
    public var requestBodyAccess: Bool { settings.requestBodyAccess }
    /// `SecResponseBodyAccess`: whether response bodies are inspected.
    public var responseBodyAccess: Bool { settings.responseBodyAccess }
    /// `SecRequestBodyLimit`: how much of a request body is kept for inspection.
    public var requestBodyLimitBytes: Int { settings.requestBodyLimitBytes }
    /// `SecResponseBodyLimit`: how much of a response body is kept for inspection.
    public var responseBodyLimitBytes: Int { settings.responseBodyLimitBytes }
}

/// The flat tables of a rule set, which rules point into.
struct RuleTables: Sendable {
    let rules: [CompiledRule]
    let metadata: [RuleMetadata]
    let targets: [CompiledTarget]
    let exclusions: [TargetExclusion]
    let effects: [CompiledEffect]
    let preparedEffects: [PreparedEffect]
    let removals: [TargetRemoval]
    private let effectTexts: [Macro]
    let tests: [any Operator]
    let selectors: [MemberSelector]
    /// For each selector the names that it selects among those with slots in TX.
    private let selectedSlots: [Range<Int>]
    private let slots: [Int]
    let watchIndices: [Int]

    init(_ assembler: Assembler) {
        rules = assembler.rules
        metadata = assembler.metadata
        targets = assembler.targets
        exclusions = assembler.exclusions
        effects = assembler.effects
        preparedEffects = assembler.preparedEffects
        removals = assembler.removals
        effectTexts = assembler.effectTexts
        tests = assembler.tests
        selectors = assembler.selectors
        watchIndices = assembler.watchIndices
        let selected = assembler.selectors.map { selector in
            assembler.names.names.indices.filter { slot in
                assembler.names.names[slot].withView { selector.selects($0, assembler.matcher) }
            }
        }
        slots = selected.flatMap { $0 }
        var first = 0
        selectedSlots = selected.map { list in
            defer { first += list.count }
            return first..<(first + list.count)
        }
    }

    /// The TX slots whose names a selector selects.
    @inline(__always)
    func slots(selectedBy selector: Int) -> ArraySlice<Int> { slots[selectedSlots[selector]] }
}
