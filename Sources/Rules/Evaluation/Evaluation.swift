import Locations

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
    var budget: TimeBudget
    /// Bytes worked on since the clock was last looked at.
    private var pendingBytes = 0
    private(set) var requestBody = ByteBuffer()
    private(set) var responseBody = ByteBuffer()
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
    var removedTargets = RemovedTargets()
    var collections = OpenCollections()
    /// What `@geoLookup` found last.
    var location: Location?
    /// Targets whose values no log may show, in lower case.
    var redacted: [String] = []
    private(set) var startedAt = TimeBudget.now()
    /// Working memory of one rule.
    var operands: [Operand] = []
    /// The targets that gathered those operands, if another rule can use them as they stand.
    var gathered: Range<Int>?
    var matchedOperands: [Operand] = []
    /// The heads to run in the phase, one bit each; empty if no gate opened.
    var visits: [UInt64] = []
    var phaseValues: [Int32] = []
    /// Working memory of a scan: the values in it, and where each ends.
    var pendingValues: [Int32] = []
    var pendingEnds: [Int] = []
    /// Working memory of a walk through a tree of chains: what each step made of the value.
    var stepResults: [Int32] = []
    /// Which of the questions that several rules ask were answered with no in this phase.
    var denied: DeniedQuestions
    /// What gated rules of the phase look at, once its gates were opened.
    var candidates = CandidateTable()
    var areGatesOpen = false
    /// Ids of all rules that matched, logged or not.
    var matchedRules: [Int32] = []
    var highestSeverity: Severity?
    /// What matched and is logged, or blocks, so far, in order.
    var matches: [MatchedRule] = []
    /// Values that were not searched to the end because a limit was reached.
    var exhaustedSearchCount = 0
    /// Whether the caller chose the paranoia level, so that rules do not change it.
    private(set) var isParanoiaPinned = false
    /// A tool that watches; nil in the gateway.
    var observer: RuleObserver?

    init(_ rules: RuleSet, _ workspace: Workspace, mode: EngineMode, uniqueID: String) {
        self.rules = rules
        self.workspace = workspace
        self.mode = mode
        self.uniqueID = uniqueID
        arena = workspace.borrowArena()
        scratch = TransformationScratch(arena: arena, codePage: rules.codePage)
        budget = TimeBudget(milliseconds: workspace.budgetMilliseconds)
        tx = TXStore(rules.initialValues)
        fields = FieldTable(slotCount: rules.headers.count)
        fixedIDs = .init(repeating: -1, count: rules.fixedVariables.count)
        denied = DeniedQuestions(count: rules.twinCount)
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
        budget = TimeBudget(milliseconds: workspace.budgetMilliseconds)
        pendingBytes = 0
        isParanoiaPinned = false
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
        location = nil
        if hasRemovedRules { removedRules.removeAll() }
        hasRemovedRules = false
        if !removedTargets.isEmpty { removedTargets.removeAll() }
        collections.removeAll()
        if !redacted.isEmpty { redacted.removeAll() }
        startedAt = TimeBudget.now()
        if !matchedRules.isEmpty { matchedRules.removeAll(keepingCapacity: true) }
        if !matchedOperands.isEmpty { matchedOperands.removeAll(keepingCapacity: true) }
        highestSeverity = nil
        if !matches.isEmpty { matches.removeAll(keepingCapacity: true) }
        exhaustedSearchCount = 0
    }

    /// Sets the paranoia level of the transaction, whatever the set-up file says.
    mutating func pinParanoia(_ level: Int) {
        isParanoiaPinned = true
        for slot in rules.paranoiaSlots { tx[slot] = .number(level) }
    }

    /// Replaces a compressed body, which has a Content-Encoding, by what it decompresses to.
    mutating func decompressRequestBody() -> Decompressor.Outcome {
        guard fields.requestHeaderCount(HeaderSlots.contentEncoding) == 1,
            let field = requestHeader(HeaderSlots.contentEncoding)
        else { return .unknown }
        if Decompressor.isIdentity(field) { return .complete }
        guard let coding = Decompressor.coding(field) else { return .unknown }
        let plain = ByteBuffer()
        let outcome = Decompressor.decompress(
            requestBody.view,
            coding,
            limitBytes: rules.settings.requestBodyLimitBytes,
            into: plain
        )
        requestBody = plain
        return outcome
    }

    /// Replaces a compressed response body by what its beginning decompresses to; one that cannot be read
    /// stays as it is.
    mutating func decompressResponseBody() {
        guard responseBody.count > 0, let field = responseHeader(HeaderSlots.contentEncoding),
            let coding = Decompressor.coding(field)
        else { return }
        let plain = ByteBuffer()
        let limit = rules.settings.responseBodyLimitBytes
        let outcome = Decompressor.decompress(
            responseBody.view,
            coding,
            limitBytes: limit,
            into: plain
        )
        if outcome == .tooLarge { body.isOutboundDataError = true }
        if plain.count > 0 { responseBody = plain }
    }

    /// Whether there is time for a step over so many bytes. Looks at the clock once in a while.
    mutating func hasTime(for bytes: Int) -> Bool {
        if budget.isSpent { return false }
        pendingBytes += bytes
        if pendingBytes < Evaluation.bytesPerReading { return true }
        pendingBytes = 0
        if budget.isLeft { return true }
        exhaustedSearchCount += 1
        return false
    }

    private static let bytesPerReading = 16_384

    /// The number in the first of some slots that is set.
    func score(_ slots: [Int]) -> Int {
        for slot in slots where tx[slot].isSet { return tx[slot].number }
        return 0
    }
}
