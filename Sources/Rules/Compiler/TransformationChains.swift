/// The distinct transformation chains of a rule set.
struct TransformationChains: Sendable {
    struct Chain: Sendable {
        let steps: [Transformation]
        /// Byte classes of which a value must hold one to be changed at all.
        var classes: UInt64 = 0
        /// Some step may change any value.
        var isAlwaysActive = false
    }

    /// The chain without steps.
    static let root = 0

    private(set) var chains: [Chain] = [Chain(steps: [])]
    private var indices: [[Transformation]: Int] = [[]: 0]

    mutating func index(of steps: [Transformation]) -> Int {
        if let index = indices[steps] { return index }
        chains.append(Chain(steps: steps))
        indices[steps] = chains.count - 1
        return chains.count - 1
    }

    /// Fills in which values each chain leaves alone.
    mutating func assign(_ classes: ByteClasses) {
        for index in chains.indices {
            for step in chains[index].steps {
                if let bit = classes.bit(of: step) {
                    chains[index].classes |= bit
                } else {
                    chains[index].isAlwaysActive = true
                }
            }
        }
    }

    subscript(_ index: Int) -> Chain { chains[index] }

    /// Whether a chain can change a value with these byte classes.
    @inline(__always)
    func canChange(_ index: Int, _ classes: UInt64) -> Bool {
        chains[index].isAlwaysActive || chains[index].classes & classes != 0
    }
}
