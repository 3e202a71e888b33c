public import Locations

/// What one worker lends to its transactions: match data, JIT stack, scan scratch and spare memory.
///
/// Belongs to one worker and one rule set; not to be used from two threads at a time.
public final class Workspace {
    private static let spareArenaLimit = 64
    private static let planLimit = 8

    let rules: RuleSet
    let collections: CollectionStore
    /// What `@geoLookup` asks: the rules' own database before the caller's.
    let locations: LocationDatabase?
    let matcher: Matcher
    let scratch = ScanScratch()
    /// What the scan of the head has found in the values of fields lately, and the parts of the head that it sees.
    let headValues = KnownValues()
    var headParts: [HeadPart] = []
    /// Values in which rules behind gates have found nothing lately.
    let familiarValues = FamiliarValues()
    /// Values in which a detector has found nothing lately, by detector.
    let calmValues = KnownValues()
    let patterns = PatternCache()
    let budgetMilliseconds: Int
    let gateMarks: GateMarks
    /// What the scan of values has found, on its way into the table of values.
    var gateOpenings: [GateOpening] = []
    /// For each phase what its gated rules need, under the conditions that were met so far.
    private var plans = [[PhasePlan]](repeating: [], count: 6)
    /// Values on their way into a scan.
    let scanBuffer = ByteBuffer()
    /// False runs every rule on every value: the slow way that the gates are measured against.
    var usesGates = true
    private var spareArenas: [Arena] = []

    /// - Parameters:
    ///   - rules: the set whose transactions will use the workspace.
    ///   - collections: what rules remember between requests, shared by all workers.
    ///   - locations: what `@geoLookup` asks, unless the rules name a database by `SecGeoLookupDb`.
    ///   - budgetMilliseconds: how long one transaction may keep the worker busy with its values.
    public init(
        _ rules: RuleSet,
        collections: CollectionStore = CollectionStore(),
        locations: LocationDatabase? = nil,
        budgetMilliseconds: Int = 50
    ) {
        self.rules = rules
        self.budgetMilliseconds = budgetMilliseconds
        self.collections = collections
        self.locations = rules.locations ?? locations
        gateMarks = GateMarks(count: rules.gates.gateCount)
        matcher = Matcher(matchLimit: rules.settings.patternMatchLimit)
        rules.gates.database?.prepare(scratch)
        rules.headScan.prepare(scratch)
        for test in rules.tables.tests { test.prepare(scratch) }
    }

    /// What the gated rules of a phase need while the conditions in `key` hold.
    func plan(_ program: PhaseProgram, phase: Int, _ key: UInt64) -> PhasePlan {
        if let known = plans[phase].first(where: { $0.key == key }) { return known }
        let plan = PhasePlan(program, rules.gates, rules.chains, key: key)
        // The oldest goes; more are not in use at the same time.
        if plans[phase].count == Workspace.planLimit { plans[phase].removeFirst() }
        plans[phase].append(plan)
        return plan
    }

    func borrowArena() -> Arena { spareArenas.popLast() ?? Arena() }

    func giveBack(_ arena: Arena) {
        guard spareArenas.count < Workspace.spareArenaLimit else { return }
        arena.reset()
        spareArenas.append(arena)
    }
}
