/// What the gated rules of a phase need under given conditions. Rules of paranoia levels that are not in force have no
/// part in it, so that they cost nothing.
final class PhasePlan: Sendable {
    /// The chains through which values of one variable are looked at.
    struct Watch: Sendable {
        let chains: ChainTree
        /// Those through which values are looked at whatever they hold.
        let activeChains: ChainTree
        /// Kinds of which a value has one if another chain changes more of it than the case of letters.
        let kinds: ByteKinds
    }

    /// A watch whose chains are still being found.
    private struct Draft {
        var chains: [Int] = []
        var activeChains: [Int] = []
        var kinds = ByteKinds.none

        mutating func add(_ chain: Int, _ known: TransformationChains, isEager: Bool) {
            let isActive = known[chain].isAlwaysActive
            if isActive || isEager, !activeChains.contains(chain) { activeChains.append(chain) }
            if chains.contains(chain) { return }
            chains.append(chain)
            if !isActive { kinds.formUnion(known[chain].visibleKinds) }
        }
    }

    /// A head that a gate opens, if what opened it stands in one of the sources.
    struct Opening: Sendable {
        let slot: Int32
        let sources: FormSources
    }

    /// Which conditions hold, one bit each.
    let key: UInt64
    /// As the program's.
    let watches: [Watch]
    let sources: UInt8
    /// Sources whose values are looked at whatever they hold.
    let activeSources: UInt8
    /// Gates that kinds of bytes open.
    let kindGates: [(gate: Int, kinds: ByteKinds)]
    private let firstOpenings: [Int32]
    private let openings: [Opening]

    init(_ program: PhaseProgram, _ gates: GateTable, _ chains: TransformationChains, key: UInt64) {
        self.key = key
        let live = PhasePlan.liveHeads(program, key)
        var drafts = [Draft](repeating: Draft(), count: program.watches.count)
        var sources: UInt8 = 0
        var lists = [[Opening]](repeating: [], count: gates.gateCount)
        for head in live {
            sources |= head.sources
            lists[head.gate].append(
                Opening(
                    slot: Int32(truncatingIfNeeded: head.slot),
                    sources: head.formSources(chains)
                )
            )
            for watch in head.watches {
                for chain in head.chains {
                    drafts[watch].add(chain, chains, isEager: head.isEager)
                }
            }
        }
        watches = drafts.map { draft in
            Watch(
                chains: ChainTree(draft.chains, chains),
                activeChains: ChainTree(draft.activeChains, chains),
                kinds: draft.kinds
            )
        }
        self.sources = sources
        activeSources = zip(program.watches, watches)
            .reduce(0) { $1.1.activeChains.isEmpty ? $0 : $0 | $1.0.source.bit }
        kindGates = gates.kinds.enumerated()
            .filter { !$0.element.isEmpty && !lists[$0.offset].isEmpty }
            .map { (gate: $0.offset, kinds: $0.element) }
        var firsts: [Int32] = [0]
        for list in lists {
            firsts.append((firsts.last ?? 0) + Int32(truncatingIfNeeded: list.count))
        }
        firstOpenings = firsts
        openings = lists.flatMap { $0 }
    }

    /// The heads that a gate opens.
    @inline(__always)
    func openings(of gate: Int) -> ArraySlice<Opening> {
        openings[Int(firstOpenings[gate])..<Int(firstOpenings[gate + 1])]
    }

    private static func liveHeads(_ program: PhaseProgram, _ key: UInt64)
        -> [PhaseProgram.GatedHead]
    {
        var closed: [Range<Int>] = []
        for region in program.regions
        where key >> UInt64(region.condition) & 1 == 1
            // A head that is jumped over jumps nowhere.
            && !(closed.last?.contains(region.slots.lowerBound - 1) ?? false)
        {
            closed.append(region.slots)
        }
        return program.gatedHeads.filter { head in
            !closed.contains { $0.contains(head.slot) }
        }
    }
}
