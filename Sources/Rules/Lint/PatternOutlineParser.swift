/// Reads the shape of a regular expression.
struct PatternOutlineParser {
    private static let depthLimit = 200
    /// Counted repeats up to this many turns cannot take long.
    private static let harmlessTurns = 8

    private let text: [UInt8]
    private var index = 0
    private var ignoresCase = false

    init(_ text: [UInt8]) { self.text = text }

    mutating func parse() -> PatternOutline.Node? {
        guard let node = alternatives(depth: 0), index == text.count else { return nil }
        return node
    }

    private var peek: UInt8? { index < text.count ? text[index] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func alternatives(depth: Int) -> PatternOutline.Node? {
        guard depth < Self.depthLimit else { return nil }
        var branches: [PatternOutline.Node] = []
        repeat {
            var items: [PatternOutline.Node] = []
            while let byte = peek, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
                guard let item = atom(depth: depth), let node = quantified(item) else { return nil }
                if case .opaque = node { continue }
                items.append(node)
            }
            branches.append(items.count == 1 ? items[0] : .sequence(items))
        } while take("|")
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func atom(depth: Int) -> PatternOutline.Node? {
        guard let byte = peek else { return nil }
        index += 1
        switch byte {
        case UInt8(ascii: "("): return group(depth: depth)
        case UInt8(ascii: "["): return byteClass().map { .bytes($0) }
        case UInt8(ascii: "."): return .bytes(ByteMask().inverted)
        case UInt8(ascii: "^"), UInt8(ascii: "$"): return .opaque
        case UInt8(ascii: "\\"): return escape()
        default: return .bytes(mask(byte))
        }
    }

    private mutating func group(depth: Int) -> PatternOutline.Node? {
        var isAssertion = false
        if take("*") { return nil }
        if take("?") {
            if take("=") || take("!") {
                isAssertion = true
            } else if take("<") {
                if take("=") || take("!") {
                    isAssertion = true
                } else {
                    while let byte = peek, byte != UInt8(ascii: ">") { index += 1 }
                    index += 1
                }
            } else if !take(":") && !take(">") && !take("|") {
                while let byte = peek, byte != UInt8(ascii: ":"), byte != UInt8(ascii: ")") {
                    if byte == UInt8(ascii: "i") { ignoresCase = true }
                    index += 1
                }
                if take(")") { return .opaque }
                index += 1
            }
        }
        guard let content = alternatives(depth: depth + 1), take(")") else { return nil }
        return isAssertion ? .opaque : content
    }

    private mutating func quantified(_ item: PatternOutline.Node) -> PatternOutline.Node? {
        var node = item
        while let byte = peek {
            let offset = index
            switch byte {
            case UInt8(ascii: "*"):
                index += 1
                node = repeated(node, minimum: 0, offset)
            case UInt8(ascii: "+"):
                index += 1
                node = repeated(node, minimum: 1, offset)
            case UInt8(ascii: "?"):
                index += 1
                node = .optional(node)
            case UInt8(ascii: "{"):
                guard let (minimum, maximum) = counts() else { return node }
                if maximum ?? .max > Self.harmlessTurns {
                    node = repeated(node, minimum: minimum, offset)
                } else if minimum == 0 {
                    node = .optional(node)
                }
            default: return node
            }
            // A possessive repeat gives nothing back; a lazy one does.
            if take("+") { return .bytes(node.bytes) }
            _ = take("?")
        }
        return node
    }

    private func repeated(_ node: PatternOutline.Node, minimum: Int, _ offset: Int)
        -> PatternOutline.Node
    {
        if case .opaque = node { return node }
        return .repeated(node, minimum: minimum, offset: offset)
    }

    /// `{n}`, `{n,}` or `{n,m}`; nil if the brace is a literal, which then is left to be read as one.
    private mutating func counts() -> (Int, Int?)? {
        var position = index + 1
        func number() -> Int? {
            let start = position
            while position < text.count, text[position].isDigit { position += 1 }
            return start < position
                ? Int(String(decoding: text[start..<position], as: UTF8.self)) : nil
        }
        guard let minimum = number() else { return nil }
        var maximum: Int? = minimum
        if position < text.count, text[position] == UInt8(ascii: ",") {
            position += 1
            maximum = number()
        }
        guard position < text.count, text[position] == UInt8(ascii: "}") else { return nil }
        index = position + 1
        return (minimum, maximum)
    }

    private func mask(_ byte: UInt8) -> ByteMask {
        var mask = ByteMask()
        mask.insert(byte)
        if ignoresCase, byte.isLetter { mask.insert(byte ^ 0x20) }
        return mask
    }

    private mutating func escape() -> PatternOutline.Node? {
        guard let byte = peek else { return nil }
        index += 1
        if let known = Self.classes(byte) { return .bytes(known) }
        switch byte {
        case UInt8(ascii: "b"), UInt8(ascii: "B"), UInt8(ascii: "A"), UInt8(ascii: "z"),
            UInt8(ascii: "Z"), UInt8(ascii: "G"), UInt8(ascii: "1")...UInt8(ascii: "9"):
            return .opaque
        case UInt8(ascii: "Q"), UInt8(ascii: "E"), UInt8(ascii: "p"), UInt8(ascii: "P"),
            UInt8(ascii: "k"), UInt8(ascii: "g"):
            return nil
        default: return escapedByte(byte).map { .bytes(mask($0)) }
        }
    }

    private static func classes(_ byte: UInt8) -> ByteMask? {
        var mask = ByteMask()
        switch byte | 0x20 {
        case UInt8(ascii: "d"): mask.insert(0x30...0x39)
        case UInt8(ascii: "w"):
            mask.insert(0x30...0x39)
            mask.insert(0x41...0x5A)
            mask.insert(0x61...0x7A)
            mask.insert(0x5F)
        case UInt8(ascii: "s"):
            mask.insert(0x09...0x0D)
            mask.insert(0x20)
        case UInt8(ascii: "h"):
            mask.insert(0x09)
            mask.insert(0x20)
        default: return nil
        }
        return byte & 0x20 == 0 ? mask.inverted : mask
    }

    /// The byte that an escape stands for; `index` is behind `byte`.
    private mutating func escapedByte(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "v"): return 0x0B
        case UInt8(ascii: "a"): return 0x07
        case UInt8(ascii: "e"): return 0x1B
        case UInt8(ascii: "0"): return 0
        case UInt8(ascii: "x"):
            let isBraced = take("{")
            var value = 0
            var digits = 0
            while digits < (isBraced ? 6 : 2), let digit = peek?.hexDigit {
                value = value << 4 | Int(digit)
                index += 1
                digits += 1
            }
            if isBraced, !take("}") { return nil }
            return UInt8(exactly: value)
        default: return byte
        }
    }

    /// A bracketed class, from behind its bracket.
    private mutating func byteClass() -> ByteMask? {
        let isNegated = take("^")
        var all = ByteMask()
        var isFirst = true
        while let byte = peek, isFirst || byte != UInt8(ascii: "]") {
            isFirst = false
            guard let member = classMember(&all) else { return nil }
            guard let lower = member, peek == UInt8(ascii: "-"), index + 1 < text.count,
                text[index + 1] != UInt8(ascii: "]")
            else {
                if let member { all.formUnion(mask(member)) }
                continue
            }
            index += 1
            var none = ByteMask()
            guard let last = classMember(&none), let upper = last, lower <= upper else {
                return nil
            }
            for byte in lower...upper { all.formUnion(mask(byte)) }
        }
        guard take("]") else { return nil }
        return isNegated ? all.inverted : all
    }

    /// One member of a class: its byte, or `.some(nil)` for a class escape, which is added to `all`.
    private mutating func classMember(_ all: inout ByteMask) -> UInt8?? {
        guard let byte = peek else { return nil }
        if byte == UInt8(ascii: "["), index + 1 < text.count, text[index + 1] == UInt8(ascii: ":") {
            return nil
        }
        index += 1
        guard byte == UInt8(ascii: "\\") else { return .some(byte) }
        guard let escaped = peek else { return nil }
        index += 1
        if let known = Self.classes(escaped) {
            all.formUnion(known)
            return .some(nil)
        }
        if escaped == UInt8(ascii: "b") { return .some(0x08) }
        return escapedByte(escaped).map { .some($0) }
    }
}

extension PatternOutline {
    /// What in an expression no linear matcher can do; empty if there is nothing.
    static func backtracking(_ expression: [UInt8]) -> String {
        let text = String(decoding: expression, as: UTF8.self)
        var isEscaped = false
        var isClass = false
        for (index, byte) in expression.enumerated() {
            if isEscaped {
                isEscaped = false
                if !isClass, (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(byte) {
                    return "a back-reference"
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\\"): isEscaped = true
            case UInt8(ascii: "["): isClass = true
            case UInt8(ascii: "]"): isClass = false
            case UInt8(ascii: "(") where !isClass:
                let rest = expression[(index + 1)...].prefix(3)
                for start in ["?=", "?!", "?<=", "?<!"] where rest.starts(with: start.utf8) {
                    return "a look-around"
                }
            default: break
            }
        }
        return text.contains("(*") ? "a verb" : ""
    }
}
