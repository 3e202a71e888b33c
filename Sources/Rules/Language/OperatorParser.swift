/// Reads the operator of a rule: `@rx ...`, `!@eq 0`, or a bare regular expression.
enum OperatorParser {
    static func parse(_ text: SourceText) -> OperatorDefinition {
        var index = 0
        while let byte = text.at(index), byte.isWhitespace { index += 1 }
        let isNegated = text.at(index) == 0x21
        if isNegated { index += 1 }
        while isNegated, let byte = text.at(index), byte.isWhitespace { index += 1 }
        guard text.at(index) == 0x40 else {
            let pattern = text[(isNegated ? index : 0)..<text.count]
            var name = text[index..<index]
            for byte in "rx".utf8 { name.append(byte, at: text.position(index)) }
            return OperatorDefinition(name: name, parameter: pattern, isNegated: isNegated)
        }
        let start = index + 1
        index = start
        while let byte = text.at(index), !byte.isWhitespace { index += 1 }
        let name = text[start..<index]
        while let byte = text.at(index), byte.isWhitespace { index += 1 }
        return OperatorDefinition(
            name: name,
            parameter: text[index..<text.count],
            isNegated: isNegated
        )
    }
}
