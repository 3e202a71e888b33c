/// The shape of a regular expression: which bytes each part takes, and what is repeated.
struct PatternOutline {
    indirect enum Node {
        case bytes(ByteMask)
        case sequence([Node])
        case choice([Node])
        case optional(Node)
        /// Repeated without an upper limit, or up to a large one; `offset` is where its quantifier stands.
        case repeated(Node, minimum: Int, offset: Int)
        /// Takes no bytes, or bytes that are not known.
        case opaque
    }

    /// A part of an expression that can match one text in many ways.
    struct Risk {
        let message: String
        let offset: Int
    }

    let root: Node

    /// Nil for syntax that is not understood.
    init?(_ expression: [UInt8]) {
        var parser = PatternOutlineParser(expression)
        guard let root = parser.parse() else { return nil }
        self.root = root
    }

    /// Every repeat in which one text can be matched in exponentially many ways.
    var risks: [Risk] {
        var found: [Risk] = []
        collect(root, &found)
        return found.sorted { $0.offset < $1.offset }
    }

    private func collect(_ node: Node, _ found: inout [Risk]) {
        switch node {
        case .bytes, .opaque: break
        case .sequence(let nodes), .choice(let nodes): for node in nodes { collect(node, &found) }
        case .optional(let node): collect(node, &found)
        case .repeated(let body, _, let offset):
            if body.alternatives.contains(where: Self.isAmbiguous) {
                let message = "a repeat within a repeat can match the same bytes in many ways"
                found.append(Risk(message: message, offset: offset))
            } else if Self.overlaps(body.alternatives) {
                let message = "repeated alternatives begin with the same bytes and are as long"
                found.append(Risk(message: message, offset: offset))
            }
            collect(body, &found)
        }
    }

    /// Whether a text of the bytes of one inner repeat can be cut into turns of the outer one in several ways: all
    /// other parts may be missing, or take the same bytes.
    private static func isAmbiguous(_ items: [Node]) -> Bool {
        for (index, item) in items.enumerated() {
            guard case .repeated(let inner, _, _) = item else { continue }
            let bytes = inner.bytes
            if bytes.isEmpty { continue }
            let others = items.enumerated().filter { $0.offset != index }.map(\.element)
            let common = others.filter { !$0.isNullable }.reduce(bytes) {
                $0.intersection($1.bytes)
            }
            if !common.isEmpty { return true }
        }
        return false
    }

    /// Whether two alternatives of one byte each share a byte.
    private static func overlaps(_ alternatives: [[Node]]) -> Bool {
        var seen = ByteMask()
        for items in alternatives where items.count == 1 {
            guard case .bytes(let bytes) = items[0] else { continue }
            if !seen.intersection(bytes).isEmpty { return true }
            seen.formUnion(bytes)
        }
        return false
    }
}

extension PatternOutline.Node {
    /// All bytes the part may take.
    var bytes: ByteMask {
        switch self {
        case .bytes(let bytes): return bytes
        case .sequence(let nodes), .choice(let nodes):
            var all = ByteMask()
            for node in nodes { all.formUnion(node.bytes) }
            return all
        case .optional(let node), .repeated(let node, _, _): return node.bytes
        case .opaque: return ByteMask()
        }
    }

    var isNullable: Bool {
        switch self {
        case .bytes: false
        case .sequence(let nodes): nodes.allSatisfy(\.isNullable)
        case .choice(let nodes): nodes.contains(where: \.isNullable)
        case .optional, .opaque: true
        case .repeated(let node, let minimum, _): minimum == 0 || node.isNullable
        }
    }

    /// The part as alternatives, each a row of items.
    var alternatives: [[PatternOutline.Node]] {
        switch self {
        case .choice(let nodes): nodes.flatMap(\.alternatives)
        case .sequence(let nodes) where nodes.count == 1: nodes[0].alternatives
        case .sequence(let nodes): [nodes]
        default: [[self]]
        }
    }
}
