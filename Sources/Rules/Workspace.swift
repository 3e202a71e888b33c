/// What one worker lends to its transactions: match data, JIT stack, scan scratch and spare memory.
///
/// Belongs to one worker and one rule set; not to be used from two threads at a time.
public final class Workspace {
    private static let spareArenaLimit = 64

    let rules: RuleSet
    let matcher: Matcher
    let scratch = ScanScratch()
    let closedValues = ClosedValues()
    /// Values on their way into a scan.
    let scanBuffer = ByteBuffer()
    /// False runs every rule on every value: the slow way that the gates are measured against.
    var usesGates = true
    private var spareArenas: [Arena] = []

    /// - Parameter rules: the set whose transactions will use the workspace.
    public init(_ rules: RuleSet) {
        self.rules = rules
        matcher = Matcher(matchLimit: rules.settings.patternMatchLimit)
        rules.gates.database?.prepare(scratch)
        rules.headScan.prepare(scratch)
        for test in rules.tables.tests { test.prepare(scratch) }
    }

    func borrowArena() -> Arena { spareArenas.popLast() ?? Arena() }

    func giveBack(_ arena: Arena) {
        guard spareArenas.count < Workspace.spareArenaLimit else { return }
        arena.reset()
        spareArenas.append(arena)
    }
}
