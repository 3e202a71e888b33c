/// Transformation chains that begin alike: a step is taken once for all chains that come through it.
struct ChainTree: Sendable {
    /// A step, in the order of a walk that goes down before it goes on.
    struct Step: Sendable {
        let transformation: Transformation
        /// How many steps come before it.
        let depth: Int
        /// Kinds of values that it changes.
        let kinds: ByteKinds
        /// Kinds of which a value has one if some chain through here changes more of it than the case of letters.
        fileprivate(set) var visibleKinds = ByteKinds.none
        /// Kinds of values that this step, or one behind it, changes.
        fileprivate(set) var kindsFromHere = ByteKinds.none
        /// Whether a chain ends here.
        fileprivate(set) var isEnd = false
        /// Whether this step, or one before it, may change any value.
        let isActive: Bool
        /// Where the walk goes on without what comes behind this step.
        fileprivate(set) var next = 0
    }

    private(set) var steps: [Step] = []
    /// Whether the chain without steps is among them.
    let includesRoot: Bool
    /// How many steps the longest chain has.
    let depth: Int

    init(_ indices: [Int], _ known: TransformationChains) {
        let chains = indices.map { known[$0] }.sorted { left, right in
            left.steps.lexicographicallyPrecedes(right.steps) { $0.number < $1.number }
        }
        includesRoot = indices.contains(TransformationChains.root)
        depth = chains.map(\.steps.count).max() ?? 0
        var path: [Int] = []
        for chain in chains { add(chain, &path) }
        for index in steps.indices {
            let behind = steps[(index + 1)...]
            steps[index].next = behind.firstIndex { $0.depth <= steps[index].depth } ?? steps.count
        }
    }

    var isEmpty: Bool { steps.isEmpty && !includesRoot }

    /// - Parameter path: the steps of the chain before, which this one leaves where it differs.
    private mutating func add(_ chain: TransformationChains.Chain, _ path: inout [Int]) {
        let shared = zip(path, chain.steps).prefix { steps[$0].transformation == $1 }.count
        path.removeLast(path.count - shared)
        for index in shared..<chain.steps.count {
            path.append(steps.count)
            steps.append(
                Step(
                    transformation: chain.steps[index],
                    depth: index,
                    kinds: chain.stepKinds[index],
                    isActive: chain.stepKinds[...index].contains(.all)
                )
            )
        }
        for (index, place) in path.enumerated() {
            steps[place].visibleKinds.formUnion(chain.visibleKinds)
            for kinds in chain.stepKinds[index...] { steps[place].kindsFromHere.formUnion(kinds) }
        }
        if let last = path.last { steps[last].isEnd = true }
    }
}
