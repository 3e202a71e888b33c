/// Decides whether a value, put into a statement by a careless programmer, could change the statement's structure.
struct SQLScanner {
    private let tokens: [SQLToken]
    private let expression: SQLExpression
    private let isQuoted: Bool

    /// Bytes of which every injection holds one: without them there is neither a second word nor an operator.
    static let needed =
        Array(0...0x20 as ClosedRange<UInt8>) + [0xA0] + Array("'\"()#;=<>|&*@`\\".utf8)
    private static let suspicious = ByteSet(needed)

    /// What the value would do, in one of three places: bare, in single quotes, in double quotes; nil if nothing.
    static func fingerprint(of text: ByteView) -> StaticString? {
        guard suspicious.intersects(text) else { return nil }
        for isHashComment in text.contains(0x23) ? [true, false] : [true] {
            if let found = fingerprint(text, nil, isHashComment) { return found }
            if text.contains(0x27), let found = fingerprint(text, 0x27, isHashComment) {
                return found
            }
        }
        return text.contains(0x22) ? fingerprint(text, 0x22, true) : nil
    }

    private static func fingerprint(_ text: ByteView, _ quote: UInt8?, _ isHashComment: Bool)
        -> StaticString?
    {
        let read = SQLTokenizer(text, quote: quote, isHashComment: isHashComment)
        if read.hasCommentedCode { return "executable comment" }
        guard read.tokens.count > 1 else { return nil }
        if read.hasTelltale { return "telltale" }
        if read.hasExecutableComment, read.tokens.contains(where: SQLScanner.isActive) {
            return "executable comment"
        }
        return SQLScanner(read.tokens, isQuoted: quote != nil).fingerprint
    }

    private static func isActive(_ token: SQLToken) -> Bool {
        token.kind == .setOperation || token.kind == .statement || token.kind == .logical
    }

    private init(_ tokens: [SQLToken], isQuoted: Bool) {
        self.tokens = tokens
        self.isQuoted = isQuoted
        expression = SQLExpression(tokens)
    }

    private func kind(_ index: Int) -> SQLToken.Kind? {
        index >= 0 && index < tokens.count ? tokens[index].kind : nil
    }

    private var fingerprint: StaticString? {
        for index in tokens.indices.dropLast() {
            switch tokens[index].kind {
            case .statement where tokens[index].detail == .select:
                if selects(at: index) { return "select" }
            case .setOperation: if joins(at: index) { return "union select" }
            case .semicolon: if begins(at: index) { return "; statement" }
            default: break
            }
        }
        if tokens[0].detail == .case, tokens.contains(where: { $0.detail == .when }),
            tokens.contains(where: { $0.detail == .then })
        {
            return "case when then"
        }
        if expression.end > 0, !expression.isOpen,
            let found = ended ?? (isQuoted ? quoted : bare)
        {
            return found
        }
        for index in tokens.indices.dropFirst() {
            if kind(index) == .logical, continues(at: index) { return "value or" }
            if kind(index) == .clause, endsValue(at: index - 1), isClauseUsed(at: index) {
                return "value clause"
            }
        }
        for index in tokens.indices where kind(index) == .function {
            // A call within a call is no prose.
            if kind(index + 1) == .open, kind(index + 2) == .function, kind(index + 3) != nil {
                return "call of call"
            }
        }
        return nil
    }

    // MARK: Expressions

    /// An expression, and something behind it that only a statement has.
    private var ended: StaticString? {
        let end = expression.end
        guard end < tokens.count else { return nil }
        switch tokens[end].kind {
        case .comment: if isCut(by: tokens[end].detail) { return "expression --" }
        case .setOperation:
            if end == tokens.count - 1, expression.wordCount == 0 { return "expression union" }
        case .clause:
            if expression.wordCount == 0, isClauseReal(at: end) { return "expression clause" }
        case .from:
            let isClosed = tokens[..<end].contains { $0.kind == .close }
            if expression.wordCount == 0, tokens[end].detail == .from, isClosed,
                tokens[end...].contains(where: { $0.detail == .where })
            {
                return ") from where"
            }
        default: break
        }
        return nil
    }

    /// Whether a comment behind the expression swallows the rest of a statement.
    private func isCut(by comment: SQLToken.Detail) -> Bool {
        guard isQuoted else {
            return expression.wordCount == 0 && tokens[0].kind != .string
                && (comment != .hash || expression.operatorCount > 0)
        }
        if expression.end == 1 { return comment != .hash }
        if expression.operatorCount > 0 { return expression.wordCount <= 1 }
        return tokens[1..<expression.end].allSatisfy { $0.kind == .close }
    }

    private func isClauseReal(at index: Int) -> Bool {
        let rest = tokens[(index + 1)...].drop { $0.kind == .open || $0.kind == .arithmetic }
        guard let first = rest.first else { return false }
        guard first.isValue || first.kind == .function || first.kind == .statement else {
            return false
        }
        if isQuoted || rest.count == 1 || !first.isValue || expression.hasLogical { return true }
        return [.comment, .comparison, .comma, .close].contains(rest[rest.startIndex + 1].kind)
    }

    /// From the quote that ends a string to one that begins another, all is expression.
    private var quoted: StaticString? {
        guard expression.operatorCount > 0, expression.end == tokens.count else { return nil }
        if expression.wordCount == 0 { return "string operator" }
        if tokens[tokens.count - 1].kind == .string {
            let isLong = expression.operatorCount >= 2 || expression.wordCount == 1
            if expression.hasComparison || expression.hasLogical || isLong {
                return "string … string"
            }
        }
        let isCompared = expression.hasLogical && expression.hasComparison
        return isCompared && expression.lastKind != .word ? "string or comparison" : nil
    }

    private var bare: StaticString? {
        let end = expression.end
        if isConstant { return "constant comparison" }
        if expression.hasLogical, expression.wordCount == 0, end == tokens.count, !isPlainNumbers,
            expression.hasComparison || expression.hasCall || expression.hasSubquery
        {
            return "value or value"
        }
        if expression.hasLogical, expression.hasComparison, end == tokens.count,
            expression.lastKind != .word, !isPlainNumbers
        {
            let isNamed =
                expression.wordCount == 1 && (tokens[0].kind == .word || expression.hasSymbol)
            if expression.wordCount == 0 || isNamed { return "or comparison" }
        }
        if expression.hasLogical, expression.wordCount == 0, end < tokens.count {
            switch tokens[end].kind {
            case .comment, .semicolon: return "value or --"
            case .setOperation:
                let next = kind(end + 1)
                if next == nil || [.open, .statement, .unary, .comment].contains(next) {
                    return "value or union"
                }
            default: break
            }
        }
        return expression.hasComparison && expression.hasSubquery ? "comparison (select" : nil
    }

    /// `5 < 6 and 7 > 3` compares, but changes nothing.
    private var isPlainNumbers: Bool {
        expression.beginsWithComparison && tokens[0].kind == .number
            && expression.lastKind == .number
            && !expression.hasCall && !expression.hasSubquery && !expression.hasBetween
    }

    /// `1 is not null`, `version() is null`: no words but those of the comparison.
    private var isConstant: Bool {
        expression.end == tokens.count && expression.wordCount == 0 && expression.hasComparison
            && !expression.hasSymbol
            && (expression.hasCall || tokens[0].isValue && tokens[tokens.count - 1].detail == .null)
    }

    // MARK: Statements

    /// `select` and what a list that is no prose begins with.
    private func selects(at index: Int) -> Bool {
        let rest = tokens[(index + 1)...].drop(while: \.isPrefix)
        guard let first = rest.first else { return false }
        let next = rest.dropFirst().first?.kind
        let hasFrom = tokens[index...].contains { $0.detail == .from }
        switch first.kind {
        case .function, .variable, .statement: return true
        case .number, .string:
            if index > 0, tokens[index - 1].kind == .open { return true }
            return hasFrom && (next == .from || next == .comma || next == .close)
        case .word:
            if index > 0, tokens[index - 1].kind == .open, hasFrom { return true }
            return hasFrom
                && (next == .comma || next == .close && rest.contains { $0.kind == .comma })
        default: return index > 0 && tokens[index - 1].kind == .open && hasFrom
        }
    }

    /// `union [all] select` and what a select list begins with.
    private func joins(at index: Int) -> Bool {
        let rest = tokens[(index + 1)...].drop(while: \.isPrefix)
        guard rest.first?.kind == .statement else { return false }
        let list = rest.dropFirst().drop { $0.kind == .unary }
        guard let first = list.first else { return true }
        switch first.kind {
        case .number, .string, .variable, .function, .open, .arithmetic, .comment, .statement:
            return true
        case .word:
            let isList = list.contains {
                [.comma, .from, .comment, .open].contains($0.kind)
            }
            return isList || index > 0 && tokens[index - 1].isValue
        default: return index > 0 && tokens[index - 1].isValue
        }
    }

    /// `; drop table`, `; exec`.
    private func begins(at index: Int) -> Bool {
        guard isQuoted || index > 0, index + 1 < tokens.count else { return false }
        let next = tokens[index + 1]
        switch next.kind {
        case .statement: return index + 2 < tokens.count
        case .function: return next.detail == .if
        case .comment: return index + 2 == tokens.count && next.detail != .block
        default: return false
        }
    }

    /// `or 1=1` behind the end of a value.
    private func continues(at index: Int) -> Bool {
        let before = tokens[index - 1]
        let after = Array(tokens[(index + 1)...].drop(while: \.isPrefix).prefix(4))
        guard before.isValue || before.kind == .close, let first = after.first else { return false }
        if first.kind == .function { return true }
        if first.kind == .statement { return after.count > 2 }
        let second = after.dropFirst().first?.kind
        if first.isValue {
            switch second {
            case .comparison?: return after.count > 2
            case .comment?, .logical?, .semicolon?, .clause?: return true
            case nil, .close?: return isQuoted && before.kind == .string && first.kind == .string
            default: return false
            }
        }
        return first.kind == .word && second == .comparison && after.count > 2
            && (isQuoted || after[2].isValue)
    }

    private func endsValue(at index: Int) -> Bool {
        tokens[index].isValue || kind(index) == .close && index > 0 && tokens[index - 1].isValue
    }

    /// What prose does not put behind `order by`: an operand and then a comment, an operator or `desc`. No prose writes
    /// `order/**/by`.
    private func isClauseUsed(at index: Int) -> Bool {
        let next = Array(tokens[(index + 1)...].drop(while: \.isPrefix).prefix(3))
        guard let first = next.first else { return false }
        if tokens[index].detail == .split { return true }
        let end = next.count > 1 && next[1].detail == .desc ? 2 : 1
        let follower = next.dropFirst(end).first?.kind
        if first.kind == .word { return follower.map { $0 == .comment } ?? (end == 2) }
        guard first.isValue || first.kind == .function else { return false }
        return isQuoted || follower.map { [.comment, .comparison, .comma].contains($0) } ?? true
    }
}
