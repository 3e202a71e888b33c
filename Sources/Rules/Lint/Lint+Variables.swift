extension RuleLinter {
    /// A TX variable as some rule names it.
    private struct Mention {
        /// In lower case; what stands before a macro if `isPrefix`.
        let name: String
        let isPrefix: Bool
        let place: SourceText
        /// The rule only asks whether it exists.
        var isCount = false
    }

    /// Variables that the engine itself, or its log, reads or sets.
    private static let knownToEngine: Set<String> = [
        "anomaly_score", "inbound_anomaly_score", "outbound_anomaly_score",
        "blocking_inbound_anomaly_score", "blocking_outbound_anomaly_score",
    ]

    /// TX variables that are set and never read, or read and never set.
    mutating func checkVariables(_ heads: [RuleBuilder]) {
        let rules = heads.flatMap(\.chain)
        let written = rules.flatMap(writes)
        let (read, isEverythingRead) = reads(rules)
        let patterns = rules.flatMap(\.targets).compactMap { target -> Pattern? in
            guard target.variable == .tx, case .pattern(let text) = target.selector else {
                return nil
            }
            return try? Pattern(Array("(?i)\(text)".utf8))
        }
        var reported: Set<String> = []
        for mention in written where !isEverythingRead && !Self.knownToEngine.contains(mention.name) {
            if read.contains(where: { Self.meet($0, mention) }) { continue }
            if patterns.contains(where: { Self.finds($0, mention.name, matcher) }) { continue }
            guard reported.insert(mention.name).inserted else { continue }
            problems.warning(
                "never-read",
                "tx.\(mention.name) is set, and no rule reads it",
                at: mention.place,
                hint: nearest(mention.name, in: read)
            )
        }
        for mention in read
        where !mention.isCount && Int(mention.name) == nil
            && !mention.name.hasPrefix("msc_")
        {
            if written.contains(where: { Self.meet($0, mention) }) { continue }
            guard reported.insert(mention.name).inserted else { continue }
            problems.warning(
                "never-set",
                "tx.\(mention.name) is read, and no rule sets it",
                at: mention.place,
                hint: nearest(mention.name, in: written)
            )
        }
    }

    private static func meet(_ left: Mention, _ right: Mention) -> Bool {
        if left.isPrefix {
            return right.name.hasPrefix(left.name) || left.name.hasPrefix(right.name)
        }
        if right.isPrefix { return left.name.hasPrefix(right.name) }
        return left.name == right.name
    }

    private static func finds(_ pattern: Pattern, _ name: String, _ matcher: Matcher) -> Bool {
        Array(name.utf8).withView { pattern.search($0, starts: 0..<$0.count, matcher) == .match }
    }

    private func nearest(_ name: String, in mentions: [Mention]) -> String {
        NearestName.of(name, in: mentions.map(\.name)).map { "did you mean tx.\($0)?" } ?? ""
    }

    private func writes(_ rule: RuleBuilder) -> [Mention] {
        rule.actions.compactMap { action in
            guard action.name.lowercased == "setvar", let value = action.value else { return nil }
            var text = value.lowercased
            if text.hasPrefix("!") { return nil }
            guard text.hasPrefix("tx.") || text.hasPrefix("tx:") else { return nil }
            text = String(text.dropFirst(3).prefix { $0 != "=" })
            let end = text.firstRange(of: "%{")?.lowerBound ?? text.endIndex
            return Mention(
                name: String(text[..<end]),
                isPrefix: end < text.endIndex,
                place: value
            )
        }
    }

    /// What targets and macros read; whether some rule reads the collection as a whole.
    private func reads(_ rules: [RuleBuilder]) -> ([Mention], Bool) {
        var found: [Mention] = []
        var isEverythingRead = false
        for rule in rules {
            for target in rule.targets where target.variable == .tx {
                switch target.selector {
                case .all: isEverythingRead = true
                case .name(let name):
                    found.append(
                        Mention(
                            name: String(decoding: name, as: UTF8.self).lowercased(),
                            isPrefix: false,
                            place: target.source,
                            isCount: target.isCount
                        )
                    )
                case .pattern: break
                }
            }
            let texts = rule.actions.compactMap(\.value) + [rule.parameter].compactMap { $0 }
            for text in texts { found += macros(text) }
        }
        return (found, isEverythingRead)
    }

    /// The names in `%{tx.name}`.
    private func macros(_ text: SourceText) -> [Mention] {
        var found: [Mention] = []
        var index = 0
        let bytes = text.bytes
        while index + 5 < bytes.count {
            defer { index += 1 }
            guard bytes[index] == 0x25, bytes[index + 1] == 0x7B,
                text[(index + 2)..<(index + 4)].lowercased == "tx",
                let end = bytes[index...].firstIndex(of: 0x7D), end > index + 5
            else { continue }
            let name = text[(index + 5)..<end]
            found.append(Mention(name: name.lowercased, isPrefix: false, place: name))
        }
        return found
    }
}
