/// The paths into XML documents that rules use: names, `*`, `//`, attributes, `text()`, and the predicates
/// `[text()]` and
/// `[local-name()='name']`. Namespace prefixes are left out of account.
///
///     SecRule XML:/order/item/@price "@rx ^-" "id:1,phase:2,deny"
struct XPath: Sendable {
    private struct Step: Sendable {
        /// Whether any number of elements may stand before it.
        var isDeep = false
        /// The wanted name without prefix, with its `@` for an attribute; nil for any element.
        var name: [UInt8]?
    }

    private var steps: [Step] = []

    /// Nil for an expression that is not understood.
    init?(_ text: [UInt8]) {
        var rest = text[...]
        if rest.suffix(7) == Array("/text()".utf8)[...] { rest = rest.dropLast(7) }
        guard rest.first == 0x2F else { return nil }
        while rest.first == 0x2F {
            var step = Step()
            rest = rest.dropFirst()
            if rest.first == 0x2F {
                step.isDeep = true
                rest = rest.dropFirst()
            }
            let end = rest.firstIndex { $0 == 0x2F || $0 == 0x5B } ?? rest.endIndex
            var name = Array(rest[..<end])
            rest = rest[end...]
            while rest.first == 0x5B {
                guard let close = rest.firstIndex(of: 0x5D) else { return nil }
                guard XPath.apply(predicate: rest[..<close].dropFirst(), to: &name) else {
                    return nil
                }
                rest = rest[(close + 1)...]
            }
            guard !name.isEmpty, name.allSatisfy(XPath.isNameByte) else { return nil }
            step.name = name == [0x2A] ? nil : XPath.localName(name)
            steps.append(step)
        }
        if !rest.isEmpty { return nil }
    }

    private static func apply(predicate: ArraySlice<UInt8>, to name: inout [UInt8]) -> Bool {
        let text = String(decoding: predicate, as: UTF8.self)
        if text == "text()" { return true }
        guard text.hasPrefix("local-name()='"), text.hasSuffix("'"), name == [0x2A] else {
            return false
        }
        name = Array(text.utf8.dropFirst(14).dropLast())
        return true
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte.isWordByte || byte >= 0x80 || byte == 0x2A || byte == 0x2D || byte == 0x2E
            || byte == 0x3A || byte == 0x40
    }

    private static func localName(_ name: [UInt8]) -> [UInt8] {
        let isAttribute = name.first == 0x40
        let local = name.lastIndex(of: 0x3A).map { Array(name[($0 + 1)...]) }
        return local.map { (isAttribute ? [0x40] : []) + $0 } ?? name
    }

    /// Whether a node with this path, such as `/order/item/@price`, is meant.
    func selects(_ path: ByteView) -> Bool {
        guard path.at(0) == 0x2F else { return false }
        return selects(path.dropFirst(), from: 0)
    }

    private func selects(_ path: ByteView, from index: Int) -> Bool {
        guard index < steps.count else { return false }
        let step = steps[index]
        var rest = path
        while true {
            let end = rest.firstIndex(of: 0x2F) ?? rest.count
            let isLast = end == rest.count
            if matches(step, rest.prefix(end)) {
                if isLast {
                    if index == steps.count - 1 { return true }
                } else if selects(
                    rest.dropFirst(end + 1),
                    from: index + 1
                ) {
                    return true
                }
            }
            if !step.isDeep || isLast { return false }
            rest = rest.dropFirst(end + 1)
        }
    }

    private func matches(_ step: Step, _ name: ByteView) -> Bool {
        let isAttribute = name.at(0) == 0x40
        guard let wanted = step.name else { return !isAttribute }
        if wanted == [0x40, 0x2A] { return isAttribute }
        if isAttribute != (wanted.first == 0x40) { return false }
        let local = name.lastIndex(of: 0x3A).map { name.dropFirst($0 + 1) }
        return (local ?? name.dropFirst(isAttribute ? 1 : 0)).equals(
            Array(wanted.dropFirst(isAttribute ? 1 : 0))
        )
    }
}
