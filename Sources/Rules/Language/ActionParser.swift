/// Reads action lists: `id:1,phase:2,msg:'a, b',t:none`.
struct ActionParser {
    private let text: SourceText
    private var index = 0

    static func parse(_ text: SourceText, _ problems: inout ProblemList) -> [ActionDefinition] {
        var parser = ActionParser(text: text)
        var actions: [ActionDefinition] = []
        while let action = parser.action(&problems) { actions.append(action) }
        return actions
    }

    private init(text: SourceText) { self.text = text }

    private mutating func action(_ problems: inout ProblemList) -> ActionDefinition? {
        skip { $0.isWhitespace || $0 == 0x2C }
        let start = index
        guard start < text.count else { return nil }
        skip { $0 != 0x3A && $0 != 0x2C }
        let name = text[start..<index].trimmed
        guard text.at(index) == 0x3A else { return ActionDefinition(name: name, value: nil) }
        index += 1
        skip(\.isWhitespace)
        if text.at(index) == 0x27 {
            return ActionDefinition(name: name, value: quotedValue(&problems))
        }
        let valueStart = index
        skip { $0 != 0x2C }
        return ActionDefinition(name: name, value: text[valueStart..<index].trimmed)
    }

    private mutating func skip(_ isSkipped: (UInt8) -> Bool) {
        while let byte = text.at(index), isSkipped(byte) { index += 1 }
    }

    /// A value in single quotes; `\'` is a quote.
    private mutating func quotedValue(_ problems: inout ProblemList) -> SourceText {
        let start = index
        index += 1
        var value = SourceText(file: text.file, end: text.position(index))
        while let byte = text.at(index), byte != 0x27 {
            if byte == 0x5C, text.at(index + 1) == 0x27 { index += 1 }
            if let kept = text.at(index) { value.append(kept, at: text.position(index)) }
            index += 1
        }
        if text.at(index) == nil {
            problems.error(
                "open-quote",
                "the value that starts here never ends",
                at: text,
                offset: start
            )
        }
        index += 1
        skip { $0 != 0x2C }
        return value
    }
}
