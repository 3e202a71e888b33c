extension RuleLinter {
    /// Transformations whose effect is undone, or makes the operator blind.
    mutating func checkTransformations(_ rule: RuleBuilder) {
        let written = rule.actions.filter { $0.name.lowercased == "t" }
        if let none = written.lastIndex(where: { $0.value?.lowercased == "none" }), none > 0,
            written[..<none].contains(where: { $0.value?.lowercased != "none" }),
            let place = written[none].value
        {
            problems.warning("undone", "t:none takes back the transformations before it", at: place)
        }
        let steps = rule.transformations
        for (index, step) in steps.enumerated().dropFirst() {
            let before = steps[index - 1]
            let place = rule.place(of: "t", value: step.name.lowercased())
            if step == before, Self.idempotent.contains(step) {
                problems.warning("undone", "t:\(step.name) twice does no more than once", at: place)
            } else if let reason = Self.loss(before, step) {
                problems.warning("undone", reason, at: place)
            }
        }
        checkCase(rule)
    }

    private static let idempotent: Set<Transformation> = [
        .lowercase, .uppercase, .removeNulls, .removeWhitespace, .compressWhitespace, .trim,
        .trimLeft, .trimRight, .normalizePath, .normalizePathWin, .replaceNulls, .cmdLine,
    ]

    private static func loss(_ before: Transformation, _ step: Transformation) -> String? {
        switch (before, step) {
        case (.lowercase, .uppercase), (.uppercase, .lowercase):
            "t:\(step.name) undoes t:\(before.name)"
        case (.hexEncode, .hexDecode), (.hexDecode, .hexEncode), (.base64Encode, .base64Decode):
            "t:\(step.name) undoes t:\(before.name)"
        case (.length, _): "after t:length there is only a number left to transform"
        case (.removeWhitespace, .compressWhitespace), (.removeWhitespace, .trim):
            "t:\(before.name) has left no white space for t:\(step.name)"
        default: nil
        }
    }

    /// Values in one case, compared with a text in the other.
    private mutating func checkCase(_ rule: RuleBuilder) {
        guard let parameter = rule.parameter, let name = rule.testName, !rule.isNegated,
            let last = rule.transformations.last(where: { $0 == .lowercase || $0 == .uppercase }),
            rule.transformations.last == last,
            [.streq, .contains, .beginsWith, .endsWith, .containsWord].contains(name)
        else { return }
        let text = parameter.bytes
        if text.contains(0x25) { return }
        let range: ClosedRange<UInt8> = last == .lowercase ? 0x41...0x5A : 0x61...0x7A
        guard let offset = text.firstIndex(where: { range.contains($0) }) else { return }
        problems.warning(
            "never-matches",
            "after t:\(last.name) no value holds this letter",
            at: parameter,
            offset: offset
        )
    }
}
