/// The distinct transformation chains of a rule set.
struct TransformationChains: Sendable {
    struct Chain: Sendable {
        let steps: [Transformation]
        /// For each step the kinds of values that it changes.
        let stepKinds: [ByteKinds]
        /// Kinds of which a value has one if the chain changes it at all.
        let kinds: ByteKinds
        /// Kinds of which a value has one if the chain changes more of it than the case of its letters. Where only that
        /// changes, no other step changes anything either.
        let visibleKinds: ByteKinds

        /// Some step may change any value.
        var isAlwaysActive: Bool { kinds == .all }
    }

    /// The chain without steps.
    static let root = 0

    private(set) var chains = [Chain(steps: [], stepKinds: [], kinds: .none, visibleKinds: .none)]
    private var indices: [[Transformation]: Int] = [[]: 0]
    /// For each transformation the kinds of values that it changes.
    private let stepKinds = Transformation.allCases.map(\.activation.kinds)

    mutating func index(of steps: [Transformation]) -> Int {
        if let index = indices[steps] { return index }
        let each = steps.map { stepKinds[$0.number] }
        let kinds = each.reduce(into: ByteKinds.none) { $0.formUnion($1) }
        let visible = kinds == .all ? kinds : kinds.withoutCase
        chains.append(Chain(steps: steps, stepKinds: each, kinds: kinds, visibleKinds: visible))
        indices[steps] = chains.count - 1
        return chains.count - 1
    }

    subscript(_ index: Int) -> Chain { chains[index] }

    /// Whether one of some chains may change any value.
    func areActive(_ indices: [Int]) -> Bool { indices.contains { chains[$0].isAlwaysActive } }

    /// Whether a chain can change a value of these kinds.
    @inline(__always)
    func canChange(_ index: Int, _ kinds: ByteKinds) -> Bool {
        chains[index].kinds.intersects(kinds)
    }

    /// Whether a chain can change more than the case of letters of a value of these kinds.
    @inline(__always)
    func canChangeVisibly(_ index: Int, _ kinds: ByteKinds) -> Bool {
        chains[index].visibleKinds.intersects(kinds)
    }

    /// Whether a single transformation can change a value of these kinds.
    @inline(__always)
    func canChange(_ step: Transformation, _ kinds: ByteKinds) -> Bool {
        stepKinds[step.number].intersects(kinds)
    }
}
