/// Searches values for one expression in linear time: the automaton's states are made as values ask for them and kept.
/// Belongs to one worker.
final class LinearScanner {
    enum Outcome: Equatable {
        /// A match ends before this offset.
        case match(end: Int)
        case noMatch
        /// The time budget ran out.
        case limitReached
    }

    /// The nodes that the automaton is in at once, and what assertions need to know about the byte before.
    private struct State: Hashable {
        var nodes: [Int32]
        var isAtStart: Bool
        var isAfterWord: Bool
    }

    private static let unknown: Int32 = -1
    private static let matched: Int32 = -2
    private static let keptBytesLimit = 2 << 20
    /// New states between two looks at the clock.
    private static let statesPerReading = 64

    private let program: LinearProgram
    private let width: Int
    private var states: [State] = []
    private var numbers: [State: Int32] = [:]
    /// For each state and class, and for the end of the value, the state that follows.
    private var transitions: [Int32] = []
    /// Working memory: which nodes are in the list already.
    private var marks: [UInt32]
    private var generation: UInt32 = 0
    private var pending: [Int32] = []

    /// How many transitions were worked out so far; all others were looked up.
    private(set) var madeCount = 0
    /// The memory that kept states take.
    private(set) var keptBytes = 0

    init(_ program: LinearProgram) {
        self.program = program
        width = program.classCount + 1
        marks = .init(repeating: 0, count: program.nodes.count)
    }

    /// Looks for a match anywhere in a value.
    func search(_ value: ByteView, _ budget: inout TimeBudget) -> Outcome {
        var state = number(of: first)
        var index = 0
        while true {
            (state, index) = walk(value, from: state, at: index)
            let isEnd = index == value.count
            let column = isEnd ? program.classCount : Int(program.classes[Int(value[index])])
            var next = transitions[Int(state) * width + column]
            if next == LinearScanner.unknown {
                next = step(from: state, column)
                madeCount += 1
                if madeCount % LinearScanner.statesPerReading == 0, !budget.isLeft {
                    return .limitReached
                }
            }
            if next == LinearScanner.matched { return .match(end: index) }
            if isEnd { return .noMatch }
            state = next
            index += 1
        }
    }

    /// Follows known transitions as far as they go.
    private func walk(_ value: ByteView, from state: Int32, at index: Int) -> (Int32, Int) {
        unsafe transitions.withUnsafeBufferPointer { transitions in
            unsafe program.classes.withUnsafeBufferPointer { classes in
                unsafe value.withBytes { bytes in
                    var state = state
                    var index = index
                    while index < bytes.count {
                        let column = unsafe Int(classes[Int(bytes[index])])
                        let next = unsafe transitions[Int(state) &* width &+ column]
                        if next < 0 { break }
                        state = next
                        index &+= 1
                    }
                    return (state, index)
                }
            }
        }
    }

    private var first: State {
        beginList()
        var nodes: [Int32] = []
        add(program.start, to: &nodes)
        return State(nodes: nodes.sorted(), isAtStart: true, isAfterWord: false)
    }

    private func number(of state: State) -> Int32 {
        if let number = numbers[state] { return number }
        let number = Int32(truncatingIfNeeded: states.count)
        states.append(state)
        numbers[state] = number
        transitions += [Int32](repeating: LinearScanner.unknown, count: width)
        // The list stands in the array and in the dictionary; both share its bytes.
        keptBytes += (state.nodes.count + width) * 4 + 128
        return number
    }

    /// What follows a state behind a byte of a class, or at the end; remembered for the next time.
    private func step(from number: Int32, _ column: Int) -> Int32 {
        let state = states[Int(number)]
        let isEnd = column == program.classCount
        let byteClass = UInt8(truncatingIfNeeded: column)
        let isWord = !isEnd && program.wordClasses.contains(byteClass)
        let (nodes, isMatch) = resolved(state, isWord: isWord, isEnd: isEnd)
        let next: Int32
        if isMatch {
            next = LinearScanner.matched
        } else if isEnd {
            next = number
        } else {
            beginList()
            var following: [Int32] = []
            for node in nodes {
                if case .bytes(let mask, let target) = program.nodes[Int(node)],
                    program.maskClasses[Int(mask)].contains(byteClass)
                {
                    add(target, to: &following)
                }
            }
            // A match may begin behind every byte.
            add(program.start, to: &following)
            if keptBytes >= LinearScanner.keptBytesLimit { forget() }
            let found = State(nodes: following.sorted(), isAtStart: false, isAfterWord: isWord)
            next = self.number(of: found)
            // Numbers before `forget` mean nothing any more.
            guard Int(number) < states.count, states[Int(number)] == state else { return next }
        }
        transitions[Int(number) * width + column] = next
        return next
    }

    private func forget() {
        states.removeAll(keepingCapacity: true)
        numbers.removeAll(keepingCapacity: true)
        transitions.removeAll(keepingCapacity: true)
        keptBytes = 0
    }

    /// The nodes of a state with those behind assertions that hold here, and whether that is a match.
    private func resolved(_ state: State, isWord: Bool, isEnd: Bool) -> ([Int32], Bool) {
        beginList()
        var nodes: [Int32] = []
        for node in state.nodes { add(node, to: &nodes) }
        var position = 0
        while position < nodes.count {
            let node = program.nodes[Int(nodes[position])]
            position += 1
            switch node {
            case .match: return (nodes, true)
            case .assertion(let kind, let next):
                let holds =
                    switch kind {
                    case .start: state.isAtStart
                    case .end: isEnd
                    case .wordBoundary: state.isAfterWord != isWord
                    case .insideWord: state.isAfterWord == isWord
                    case .other: false
                    }
                if holds { add(next, to: &nodes) }
            case .bytes, .fork: break
            }
        }
        return (nodes, false)
    }

    private func beginList() {
        generation &+= 1
        if generation == 0 {
            marks = .init(repeating: 0, count: marks.count)
            generation = 1
        }
    }

    /// Adds a node, and all that is reached from it without a byte; forks themselves are left out.
    private func add(_ node: Int32, to nodes: inout [Int32]) {
        pending.append(node)
        while let next = pending.popLast() {
            guard marks[Int(next)] != generation else { continue }
            marks[Int(next)] = generation
            if case .fork(let left, let right) = program.nodes[Int(next)] {
                pending.append(right)
                pending.append(left)
            } else {
                nodes.append(next)
            }
        }
    }
}
