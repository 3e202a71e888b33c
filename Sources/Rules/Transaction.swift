/// One request and its response on their way through the five phases.
///
/// The caller adds what it received, in order, and evaluates each phase once. Buffers given to `setRequestLine`,
/// `addRequestHeader`, `setResponseLine` and `addResponseHeader` stay the caller's and must remain valid and unchanged until
/// the transaction is reset or released; body bytes are copied. Not to be used from two threads at a time.
public final class Transaction {
    let rules: RuleSet
    let workspace: Workspace
    let arena: Arena
    var mode: EngineMode
    var uniqueID: String
    var connection = Connection()
    var request = RequestData()
    var response = ResponseData()
    var fields = FieldTable()
    var values = ValueTable()
    var tx: TXStore
    var body = BodyFacts()
    var budget = TimeBudget(milliseconds: Transaction.budgetMilliseconds)
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
    /// Working memory of one phase.
    var visits: [UInt64] = []
    var phaseValues: [Int32] = []
    /// Ids of all rules that matched, logged or not.
    var matchedRules: [Int32] = []
    var highestSeverity: Severity?
    /// What matched and is logged, or blocks, so far, in order.
    public internal(set) var matches: [MatchedRule] = []
    /// Values that were not searched to the end because a limit was reached.
    public internal(set) var exhaustedSearchCount = 0

    private static let budgetMilliseconds = 50

    /// - Parameters:
    ///   - workspace: of the worker the transaction runs on, made for the same rules.
    ///   - mode: usually `rules.mode`; a route may be stricter or laxer.
    ///   - uniqueID: value of `UNIQUE_ID`.
    public init(_ rules: RuleSet, workspace: Workspace, mode: EngineMode, uniqueID: String) {
        self.rules = rules
        self.workspace = workspace
        self.mode = mode
        self.uniqueID = uniqueID
        arena = workspace.borrowArena()
        tx = TXStore(slotCount: rules.names.count)
        fixedIDs = .init(repeating: -1, count: rules.fixedVariables.count)
        requestBodyAccess = rules.settings.requestBodyAccess
        responseBodyAccess = rules.settings.responseBodyAccess
    }

    deinit { workspace.giveBack(arena) }

    /// Forgets the request, so that the next one of the connection reuses the memory.
    public func reset(mode: EngineMode, uniqueID: String) {
        self.mode = mode
        self.uniqueID = uniqueID
        arena.reset()
        request = RequestData()
        response = ResponseData()
        fields.removeAll()
        values.removeAll()
        tx.removeAll()
        body = BodyFacts()
        budget = TimeBudget(milliseconds: Transaction.budgetMilliseconds)
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
        removedTargets.removeAll(keepingCapacity: true)
        matchedRules.removeAll(keepingCapacity: true)
        matchedOperands.removeAll(keepingCapacity: true)
        highestSeverity = nil
        matches.removeAll(keepingCapacity: true)
        exhaustedSearchCount = 0
    }

    /// Phase 1.
    public func evaluateRequestHead() -> Interruption? { evaluate(phase: 1) }

    /// Whether the body should be given to `appendRequestBody` before phase 2. Asked after phase 1.
    public var wantsRequestBody: Bool { requestBodyAccess && mode != .off }

    /// Phase 2; also called for requests without a body.
    public func evaluateRequestBody() -> Interruption? {
        if mode != .off, requestBody.count > 0 { readRequestBody() }
        return evaluate(phase: 2)
    }

    /// Phase 3.
    public func evaluateResponseHead() -> Interruption? { evaluate(phase: 3) }

    /// Whether the response body should be given to `appendResponseBody`. Asked after phase 3.
    public var wantsResponseBody: Bool { responseBodyAccess && mode != .off && isResponseTypeInspected }

    /// Phase 4; also called for responses without a body.
    public func evaluateResponseBody() -> Interruption? { evaluate(phase: 4) }

    /// Phase 5: after the response was sent. Disruptive actions have no effect here.
    public func evaluateLogging() { _ = evaluate(phase: 5) }

    /// The anomaly score of the request, as the rules counted it.
    public var inboundScore: Int { score(rules.inboundScoreSlots) }
    /// The anomaly score of the response, as the rules counted it.
    public var outboundScore: Int { score(rules.outboundScoreSlots) }

    private func score(_ slots: [Int]) -> Int {
        for slot in slots where tx[slot].isSet { return tx[slot].number }
        return 0
    }
}
