/// The rules of one phase, in the order they run.
struct PhaseProgram: Sendable {
    /// A variable whose values gated rules of the phase look at, and the chains they look through.
    struct GatedVariable: Sendable {
        let variable: Variable
        /// Header slot; -1 for the whole variable.
        let slot: Int
        let source: SourceClass
        var chains: [Int]
        /// Byte classes of which a value must hold one to be changed by a chain at all, apart from those
        /// that may change any value.
        var classes: UInt64 = 0
        var activeChains: [Int] = []
    }

    /// Index of each head among the compiled rules.
    var heads: [Int] = []
    /// For each head what to ask before it runs.
    var quickTests: [QuickTest] = []
    /// How many heads at the beginning have been run already, when the rules were loaded.
    var foldedCount = 0
    /// Heads that run whatever the request holds, one bit each.
    var ungated: [UInt64] = []
    /// All heads, one bit each.
    var everyHead: [UInt64] {
        ungated.indices.map { word in
            let left = heads.count - word * 64
            return left >= 64 ? UInt64.max : (1 << UInt64(left)) - 1
        }
    }

    /// For each gate the heads it opens.
    var gateSlots: [[Int]] = []
    var gatedVariables: [GatedVariable] = []
    /// The sources of all gated variables.
    private(set) var gatedSources: UInt8 = 0

    /// Fills in which values each variable's chains leave alone.
    mutating func assign(_ chains: TransformationChains) {
        for index in gatedVariables.indices {
            for chain in gatedVariables[index].chains {
                gatedVariables[index].classes |= chains[chain].classes
                if chains[chain].isAlwaysActive { gatedVariables[index].activeChains.append(chain) }
            }
        }
    }

    mutating func watch(_ variable: Variable, slot: Int, chain: Int) {
        gatedSources |= variable.source.bit
        for index in gatedVariables.indices
        where gatedVariables[index].variable == variable && gatedVariables[index].slot == slot {
            if !gatedVariables[index].chains.contains(chain) {
                gatedVariables[index].chains.append(chain)
            }
            return
        }
        gatedVariables.append(
            GatedVariable(variable: variable, slot: slot, source: variable.source, chains: [chain])
        )
    }
}

/// A value behind one reference, so that holding it costs one count however many arrays are in it.
final class Shared<Value: Sendable>: Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}
