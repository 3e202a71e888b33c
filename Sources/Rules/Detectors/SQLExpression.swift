/// The expression that a row of tokens begins with: operands joined by operators, in brackets or not.
struct SQLExpression {
    /// Where it ends: the first token that does not belong to it.
    private(set) var end = 0
    private(set) var operatorCount = 0
    private(set) var hasLogical = false
    private(set) var hasComparison = false
    /// A comparison by punctuation.
    private(set) var hasSymbol = false
    private(set) var hasBetween = false
    private(set) var beginsWithComparison = false
    /// Operands that may be names, or just words.
    private(set) var wordCount = 0
    private(set) var hasCall = false
    private(set) var hasSubquery = false
    /// What the last operand was.
    private(set) var lastKind: SQLToken.Kind?
    /// An operator has nothing behind it.
    private(set) var isOpen = true
    private var depth = 0

    init(_ tokens: [SQLToken]) {
        while end < tokens.count {
            guard isOpen ? readOperand(tokens) : readOperator(tokens[end]) else { return }
        }
    }

    private mutating func readOperand(_ tokens: [SQLToken]) -> Bool {
        let token = tokens[end]
        switch token.kind {
        case .arithmetic, .unary: end += 1
        case .open:
            depth += 1
            end += 1
        case .function:
            hasCall = true
            finishOperand(.function, end: SQLExpression.closing(tokens, from: end + 1, depth: 0))
        case .statement where depth > 0:
            hasSubquery = true
            finishOperand(.statement, end: SQLExpression.closing(tokens, from: end + 1, depth: 1))
            depth -= 1
        case .number, .string, .variable: finishOperand(token.kind, end: end + 1)
        case .word:
            wordCount += 1
            finishOperand(.word, end: end + 1)
        default: return false
        }
        return true
    }

    private mutating func finishOperand(_ kind: SQLToken.Kind, end: Int) {
        self.end = end
        lastKind = kind
        isOpen = false
    }

    private mutating func readOperator(_ token: SQLToken) -> Bool {
        switch token.kind {
        case .close: depth -= 1
        case .comma where depth > 0: isOpen = true
        case .logical, .comparison, .arithmetic:
            isOpen = true
            if operatorCount == 0 { beginsWithComparison = token.kind == .comparison }
            operatorCount += 1
            if token.kind == .logical { hasLogical = true }
            if token.kind == .comparison { hasComparison = true }
            if token.kind == .comparison, token.detail == .symbol { hasSymbol = true }
            if token.detail == .between { hasBetween = true }
        default: return false
        }
        end += 1
        return true
    }

    /// The place behind the bracket that closes what is open at `start`.
    private static func closing(_ tokens: [SQLToken], from start: Int, depth: Int) -> Int {
        var depth = depth
        var index = start
        while index < tokens.count {
            if tokens[index].kind == .open { depth += 1 }
            if tokens[index].kind == .close { depth -= 1 }
            index += 1
            if depth == 0 { break }
        }
        return index
    }
}
