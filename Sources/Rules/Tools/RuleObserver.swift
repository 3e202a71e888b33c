/// Watches one transaction for a tool: what each operator saw, and what was logged, as bytes.
///
/// Not to be used from two threads at a time.
package final class RuleObserver {
    /// A value that an operator looked at.
    package struct Sight {
        /// Position of the rule among the compiled ones; a chain's links follow their head.
        let rule: Int
        package let ruleID: Int
        /// 0 for the head of a chain.
        package let link: Int
        package let phase: Int
        /// As in `ARGS:name`.
        package let target: [UInt8]
        /// Before and after transformations.
        package let original: [UInt8]
        package let value: [UInt8]
        package let isMatch: Bool
        /// The bytes of `value` that a regular expression matched.
        package let matched: Range<Int>?
    }

    /// What the log says about one match, byte for byte.
    package struct LogRecord {
        package let ruleID: Int
        package let phase: Int
        package let message: [UInt8]
        package let logData: [UInt8]
        package let target: [UInt8]
        package let value: [UInt8]
        package let tags: [[UInt8]]
        package let isBlocking: Bool
        package let isLogged: Bool
    }

    /// A TX variable that a rule changed, and what it then held.
    package struct Change {
        package let ruleID: Int
        package let phase: Int
        package let name: [UInt8]
        package let before: [UInt8]
        package let after: [UInt8]
    }

    /// Whether values and changes are kept, or the log alone.
    let keepsValues: Bool
    package private(set) var sights: [Sight] = []
    package private(set) var records: [LogRecord] = []
    package private(set) var changes: [Change] = []

    package init(keepsValues: Bool) { self.keepsValues = keepsValues }

    package func removeAll() {
        sights.removeAll(keepingCapacity: true)
        records.removeAll(keepingCapacity: true)
        changes.removeAll(keepingCapacity: true)
    }

    func add(_ sight: Sight) { sights.append(sight) }
    func add(_ record: LogRecord) { records.append(record) }
    func add(_ change: Change) { changes.append(change) }
}

extension Evaluation {
    /// Tells the observer that an operator looked at a value.
    mutating func observe(
        _ rule: CompiledRule,
        _ operand: Operand,
        _ value: ByteView,
        isMatch: Bool
    ) {
        guard let observer, observer.keepsValues else { return }
        let test = rule.test >= 0 ? rules.tables.tests[rule.test] : nil
        let isFound = isMatch && !rule.flags.contains(.negated)
        let range = isFound && test is RegexMatch ? workspace.matcher.group(0) : nil
        observer.add(
            RuleObserver.Sight(
                rule: current.head + current.link,
                ruleID: rule.id,
                link: current.link,
                phase: flow.phase,
                target: name(of: operand).array,
                original: operand.value.array,
                value: value.array,
                isMatch: isMatch,
                matched: range
            )
        )
    }

    /// Tells the observer what is logged.
    mutating func observeRecord(_ metadata: RuleMetadata, isBlocking: Bool, isLogged: Bool) {
        guard let observer else { return }
        observer.add(
            RuleObserver.LogRecord(
                ruleID: metadata.id,
                phase: metadata.phase,
                message: expand(metadata.message).array,
                logData: expand(metadata.logData).prefix(Evaluation.logDataLimit).array,
                target: current.hasMatch ? name(of: current.match).array : [],
                value: current.hasMatch ? current.match.value.array : [],
                tags: metadata.tags.map { expand($0).array },
                isBlocking: isBlocking,
                isLogged: isLogged
            )
        )
    }

    /// Runs the effects of a rule and tells the observer which TX variables they changed.
    mutating func performObserved(_ effects: Range<Int>) {
        guard let observer, observer.keepsValues else {
            for index in effects { perform(rules.tables.effects[index]) }
            return
        }
        let before = Dictionary(setVariables.map { ($0.name, $0.value) }) { first, _ in first }
        for index in effects { perform(rules.tables.effects[index]) }
        for (name, value) in setVariables where before[name] != value {
            observer.add(
                RuleObserver.Change(
                    ruleID: current.head >= 0 ? rules.tables.rules[current.head].id : 0,
                    phase: flow.phase,
                    name: name,
                    before: before[name] ?? [],
                    after: value
                )
            )
        }
    }

    /// The TX variables that hold something, by name.
    var setVariables: [(name: [UInt8], value: [UInt8])] {
        var found: [(name: [UInt8], value: [UInt8])] = []
        for slot in 0..<tx.slotCount where tx[slot].isSet {
            found.append((rules.slotNames[slot].view.array, tx[slot].text(arena).array))
        }
        for entry in tx.dynamic where entry.value.isSet {
            found.append((entry.name.array, entry.value.text(arena).array))
        }
        return found
    }
}
