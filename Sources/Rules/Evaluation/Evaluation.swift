/// The state of one transaction while its rules run.
///
/// A value inside `Transaction`, passed along as `inout`: the compiler then proves that nothing else touches it, and
/// no access is checked at run time.
struct Evaluation {
    let rules: RuleSet
    let workspace: Workspace
    let arena: Arena
    /// What transformations of this transaction write to.
    let scratch: TransformationScratch
    var mode: EngineMode
    var uniqueID: String
    var connection = Connection()
    var request = RequestData()
    var response = ResponseData()
    var fields: FieldTable
    var values = ValueTable()
    var tx: TXStore
    var body = BodyFacts()
    var budget = TimeBudget(milliseconds: Evaluation.budgetMilliseconds)
    let requestBody = ByteBuffer()
    let responseBody = ByteBuffer()
    var requestBodyAccess: Bool
    var responseBodyAccess: Bool
    var hasSplitArguments = false
    var hasSplitCookies = false
    /// Sources with something suspicious; nil until they were scanned.
    var openSources: UInt8?
    /// Numbers of the single values, by their position in the cache; -1 until somebody asks.
    var fixedIDs: [Int32]
    var flow = PhaseFlow()
    var current = CurrentRule()
    var removedRules = RuleMask()
    var hasRemovedRules = false
    var removedTargets: [(rules: RuleMask, target: TargetExclusion)] = []
    /// Working memory of one rule.
    var operands: [Operand] = []
    var matchedOperands: [Operand] = []
    /// The heads to run in the phase, one bit each; empty if no gate opened.
    var visits: [UInt64] = []
    var phaseValues: [Int32] = []
    var openWords: [UInt64] = []
    /// Ids of all rules that matched, logged or not.
    var matchedRules: [Int32] = []
    var highestSeverity: Severity?
    /// What matched and is logged, or blocks, so far, in order.
    var matches: [MatchedRule] = []
    /// Values that were not searched to the end because a limit was reached.
    var exhaustedSearchCount = 0
    /// A tool that watches; nil in the gateway.
    var observer: RuleObserver?

    private static let budgetMilliseconds = 50

    init(_ rules: RuleSet, _ workspace: Workspace, mode: EngineMode, uniqueID: String) {
        self.rules = rules
        self.workspace = workspace
        self.mode = mode
        self.uniqueID = uniqueID
        arena = workspace.borrowArena()
        scratch = TransformationScratch(arena: arena, codePage: rules.codePage)
        tx = TXStore(rules.initialValues)
        fields = FieldTable(slotCount: rules.headers.count)
        fixedIDs = .init(repeating: -1, count: rules.fixedVariables.count)
        requestBodyAccess = rules.settings.requestBodyAccess
        responseBodyAccess = rules.settings.responseBodyAccess
    }

    /// Forgets the request, and keeps the memory.
    mutating func reset(mode: EngineMode, uniqueID: String) {
        self.mode = mode
        self.uniqueID = uniqueID
        arena.reset()
        request = RequestData()
        response = ResponseData()
        fields.removeAll()
        values.removeAll()
        tx.removeAll()
        body = BodyFacts()
        budget = TimeBudget(milliseconds: Evaluation.budgetMilliseconds)
        requestBody.removeAll()
        responseBody.removeAll()
        requestBodyAccess = rules.settings.requestBodyAccess
        responseBodyAccess = rules.settings.responseBodyAccess
        hasSplitArguments = false
        hasSplitCookies = false
        openSources = nil
        for index in fixedIDs.indices { fixedIDs[index] = -1 }
        flow = PhaseFlow()
        current = CurrentRule()
        if hasRemovedRules { removedRules.removeAll() }
        hasRemovedRules = false
        if !removedTargets.isEmpty { removedTargets.removeAll(keepingCapacity: true) }
        if !matchedRules.isEmpty { matchedRules.removeAll(keepingCapacity: true) }
        if !matchedOperands.isEmpty { matchedOperands.removeAll(keepingCapacity: true) }
        highestSeverity = nil
        if !matches.isEmpty { matches.removeAll(keepingCapacity: true) }
        exhaustedSearchCount = 0
    }

    /// The number in the first of some slots that is set.
    func score(_ slots: [Int]) -> Int {
        for slot in slots where tx[slot].isSet { return tx[slot].number }
        return 0
    }
}
