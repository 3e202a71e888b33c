/// Text with `%{VARIABLE}` parts, split when the rules are loaded.
struct Macro: Sendable {
    enum Part: Sendable {
        case literal(Constant)
        case variable(Variable, member: Constant)
        /// A TX variable with a fixed slot.
        case slot(Int)
    }

    let parts: [Part]

    /// The text, if it has no variable parts.
    var constant: ByteView? {
        if parts.isEmpty { return ByteView() }
        if parts.count == 1, case .literal(let constant) = parts[0] { return constant.view }
        return nil
    }

    var isEmpty: Bool { parts.isEmpty }

    init(constant bytes: [UInt8]) { parts = bytes.isEmpty ? [] : [.literal(Constant(bytes))] }

    /// Reads a text; unknown variables are reported. `%{` without an end is text.
    init(_ text: SourceText, _ names: inout SlotNames, _ problems: inout ProblemList) {
        var parts: [Part] = []
        var literal: [UInt8] = []
        var index = 0
        while let byte = text.at(index) {
            if byte == 0x25, text.at(index + 1) == 0x7B,
                let end = text.bytes[index...].firstIndex(of: 0x7D)
            {
                if !literal.isEmpty { parts.append(.literal(Constant(literal))) }
                literal = []
                if let part = Macro.part(text[(index + 2)..<end], &names, &problems) {
                    parts.append(part)
                }
                index = end + 1
            } else {
                literal.append(byte)
                index += 1
            }
        }
        if !literal.isEmpty { parts.append(.literal(Constant(literal))) }
        self.parts = parts
    }

    private static func part(
        _ text: SourceText,
        _ names: inout SlotNames,
        _ problems: inout ProblemList
    ) -> Part? {
        let separator = text.bytes.firstIndex { $0 == 0x2E || $0 == 0x3A } ?? text.count
        let name = text[0..<separator]
        let member = separator < text.count ? text[(separator + 1)..<text.count].bytes : []
        guard let variable = Variable.named(name.text) else {
            problems.error(
                "unknown-variable",
                "unknown variable `\(name.text)` in a macro",
                at: text,
                hint: NearestName.hint(name.text, in: Variable.allCases.map(\.rawValue))
            )
            return nil
        }
        if variable == .tx, !member.isEmpty { return .slot(names.slot(member)) }
        if variable.readsWholeHead { names.readsWholeHead = true }
        return .variable(variable, member: Constant(member))
    }
}
