/// An expression as a nondeterministic automaton on bytes, for searches in linear time.
struct LinearProgram: Sendable {
    enum Node: Sendable {
        /// Goes on behind a byte of a set.
        case bytes(mask: Int32, next: Int32)
        /// Goes on in two places at once.
        case fork(Int32, Int32)
        case assertion(RegexSyntax.Assertion, next: Int32)
        case match
    }

    private static let nodeLimit = 20_000

    private(set) var nodes: [Node] = []
    private(set) var start: Int32 = 0
    /// The class of each byte: bytes of one class are the same to the expression.
    private(set) var classes = [UInt8](repeating: 0, count: 256)
    private(set) var classCount = 1
    /// For each mask the classes in it.
    private(set) var maskClasses: [ByteMask] = []
    /// For each class whether its bytes are those of words.
    private(set) var wordClasses = ByteMask()
    private var masks: [ByteMask] = []
    private var maskNumbers: [ByteMask: Int32] = [:]

    /// Nil if the expression has parts that no automaton can stand for, or too many parts.
    init?(_ expression: [UInt8]) {
        guard let (tree, isExact) = RegexSyntax.parse(expression), isExact else { return nil }
        nodes.append(.match)
        guard let start = add(tree, next: 0) else { return nil }
        self.start = start
        // The class of a byte also has to say whether it belongs to a word.
        let word = number(of: .word)
        assignClasses()
        wordClasses = maskClasses[Int(word)]
    }

    private mutating func add(_ node: Node) -> Int32? {
        guard nodes.count < LinearProgram.nodeLimit else { return nil }
        nodes.append(node)
        return Int32(truncatingIfNeeded: nodes.count - 1)
    }

    /// Adds a tree in front of the node `next`; returns where it begins.
    private mutating func add(_ tree: RegexSyntax, next: Int32) -> Int32? {
        switch tree {
        case .bytes(let mask): return add(.bytes(mask: number(of: mask), next: next))
        case .assertion(let kind): return add(.assertion(kind, next: next))
        case .anything: return nil
        case .sequence(let parts):
            var entry = next
            for part in parts.reversed() {
                guard let found = add(part, next: entry) else { return nil }
                entry = found
            }
            return entry
        case .alternatives(let branches):
            var entry: Int32?
            for branch in branches.reversed() {
                guard let found = add(branch, next: next) else { return nil }
                guard let rest = entry else {
                    entry = found
                    continue
                }
                guard let fork = add(.fork(found, rest)) else { return nil }
                entry = fork
            }
            return entry
        case .repeated(let part, let minimum, let maximum):
            return add(repeating: part, minimum, maximum, next: next)
        }
    }

    private mutating func add(
        repeating part: RegexSyntax,
        _ minimum: Int,
        _ maximum: Int?,
        next: Int32
    ) -> Int32? {
        var entry = next
        if let maximum {
            for _ in minimum..<maximum {
                guard let found = add(part, next: entry), let fork = add(.fork(found, next)) else {
                    return nil
                }
                entry = fork
            }
        } else {
            // The loop's node has to be known before what it goes round.
            guard let loop = add(.match), let body = add(part, next: loop) else { return nil }
            nodes[Int(loop)] = .fork(body, next)
            entry = loop
        }
        for _ in 0..<minimum {
            guard let found = add(part, next: entry) else { return nil }
            entry = found
        }
        return entry
    }

    private mutating func number(of mask: ByteMask) -> Int32 {
        if let number = maskNumbers[mask] { return number }
        let number = Int32(truncatingIfNeeded: masks.count)
        maskNumbers[mask] = number
        masks.append(mask)
        return number
    }

    private mutating func assignClasses() {
        var known: [[Bool]: UInt8] = [:]
        var examples: [UInt8] = []
        for byte in 0...255 as ClosedRange<UInt8> {
            let signature = masks.map { $0.contains(byte) }
            if let number = known[signature] {
                classes[Int(byte)] = number
            } else {
                let number = UInt8(truncatingIfNeeded: examples.count)
                known[signature] = number
                classes[Int(byte)] = number
                examples.append(byte)
            }
        }
        classCount = examples.count
        maskClasses = masks.map { mask in
            var members = ByteMask()
            for (number, byte) in examples.enumerated() where mask.contains(byte) {
                members.insert(UInt8(truncatingIfNeeded: number))
            }
            return members
        }
    }
}
