/// Decides whether a value, put into a statement by a careless programmer, could change the statement's structure.
enum SQLScanner {
    /// Whether the value does in one of three places: bare, in single quotes, in double quotes.
    static func findsInjection(in text: ByteView) -> Bool {
        if isInjection(SQLTokenizer(text, quote: nil), isQuoted: false) { return true }
        if text.contains(0x27), isInjection(SQLTokenizer(text, quote: 0x27), isQuoted: true) {
            return true
        }
        return text.contains(0x22) && isInjection(SQLTokenizer(text, quote: 0x22), isQuoted: true)
    }

    private static func isInjection(_ read: SQLTokenizer, isQuoted: Bool) -> Bool {
        let tokens = folded(read.tokens)
        if read.hasTelltale && tokens.count > 1 { return true }
        if read.hasExecutableComment,
            tokens.contains(where: { $0 == .setOperation || $0 == .statement || $0 == .logical })
        {
            return true
        }
        for index in tokens.indices {
            let rest = tokens[index...]
            switch tokens[index] {
            case .setOperation: if joinsSelect(rest) { return true }
            case .semicolon:
                if beginsStatement(rest, isQuoted: isQuoted || index > 0) { return true }
            case .logical:
                if index > 0, continues(tokens, index, isQuoted: isQuoted) { return true }
            case .clause:
                if index > 0, tokens[index - 1].isValue, isClauseUsed(rest, isQuoted: isQuoted) {
                    return true
                }
            case .comment:
                if isQuoted, index > 0, index <= 3,
                    tokens[index - 1].isValue || tokens[index - 1] == .close
                {
                    return true
                }
            case .comparison where isQuoted && index == 1:
                if tokens.count > 2, tokens[2].isValue || tokens[2] == .function { return true }
            case .statement: if readsTable(rest) { return true }
            case .function:
                // A call within a call is no prose.
                if rest.count > 3, tokens[index + 1] == .open, tokens[index + 2] == .function {
                    return true
                }
            default: break
            }
        }
        return false
    }

    /// Brackets around a value vanish, unary signs vanish, sums become one number.
    private static func folded(_ tokens: [SQLToken]) -> [SQLToken] {
        var output: [SQLToken] = []
        for token in tokens {
            output.append(token)
            var isReduced = true
            while isReduced {
                isReduced = false
                let count = output.count
                if count >= 3, output[count - 1] == .close, output[count - 2].isValue,
                    output[count - 3] == .open,
                    count < 4 || output[count - 4] != .function
                {
                    output.replaceSubrange((count - 3)..<count, with: [output[count - 2]])
                    isReduced = true
                } else if count >= 3, output[count - 1].isValue, output[count - 2] == .arithmetic,
                    output[count - 3].isValue
                {
                    output.removeLast(2)
                    isReduced = true
                } else if count >= 2, output[count - 1].isValue, output[count - 2] == .arithmetic,
                    count == 2
                        || !(output[count - 3].isValue || output[count - 3] == .word
                            || output[count - 3] == .close)
                {
                    output.remove(at: count - 2)
                    isReduced = true
                }
            }
        }
        return output
    }

    /// `union [all] select` and what a select list begins with.
    private static func joinsSelect(_ rest: ArraySlice<SQLToken>) -> Bool {
        guard let select = rest.dropFirst().prefix(4).firstIndex(of: .statement) else {
            return false
        }
        if rest[(rest.startIndex + 1)..<select].contains(where: { $0 != .word && $0 != .open }) {
            return false
        }
        guard let next = rest.dropFirst(select - rest.startIndex + 1).first else { return true }
        if next.isValue || next == .function || next == .open || next == .arithmetic
            || next == .comment
        {
            return true
        }
        return next == .word
            && rest[select...].contains { $0 == .comma || $0 == .from || $0 == .comment }
    }

    /// `; drop table`, `; exec`.
    private static func beginsStatement(_ rest: ArraySlice<SQLToken>, isQuoted: Bool) -> Bool {
        let next = rest.dropFirst().prefix(2)
        if next.first == .statement { return isQuoted && rest.count >= 3 }
        return isQuoted && next.first == .comment && rest.count == 2
    }

    /// `or 1=1` behind the end of a value.
    private static func continues(_ tokens: [SQLToken], _ index: Int, isQuoted: Bool) -> Bool {
        let before = tokens[index - 1]
        let after = Array(
            tokens[(index + 1)...].drop { $0 == .open || $0 == .arithmetic }.prefix(4)
        )
        guard before.isValue || before == .close, let first = after.first else { return false }
        if first == .function || first == .statement {
            return first == .function || after.count > 2
        }
        let second = after.dropFirst().first
        if first.isValue {
            if second == .comparison { return after.count > 2 }
            if second == .comment || second == .logical || second == .semicolon { return true }
            return isQuoted && (second == nil || second == .close) && before == .string
                && first == .string
        }
        return first == .word && second == .comparison && after.count > 2
            && (isQuoted || after[2].isValue)
    }

    private static func isClauseUsed(_ rest: ArraySlice<SQLToken>, isQuoted: Bool) -> Bool {
        let next = Array(rest.dropFirst().prefix(3))
        guard let first = next.first, first.isValue || first == .function else { return false }
        return isQuoted || next.count == 1 || next[1] == .comment || next[1] == .comparison
            || next[1] == .comma
    }

    /// `select … from …` with a list that is not prose.
    private static func readsTable(_ rest: ArraySlice<SQLToken>) -> Bool {
        guard let first = rest.dropFirst().first, let second = rest.dropFirst(2).first,
            rest.contains(.from)
        else {
            return false
        }
        if first == .function { return true }
        return (first.isValue || first == .arithmetic) && (second == .from || second == .comma)
    }
}
