/// Runs whole requests through a rule set, one after the other, without a server.
package final class RuleRunner {
    /// How a request ended.
    package struct Outcome {
        package let interruption: Interruption?
        /// The phase that interrupted, 0 without.
        package let phase: Int
        /// Ids of all rules that matched, logged or not, in order.
        package let matchedIDs: [Int]
        package let records: [RuleObserver.LogRecord]
        package let inboundScore: Int
        package let outboundScore: Int
        /// The TX variables at the end, those that were never set left out.
        package let variables: [(name: [UInt8], value: [UInt8])]
        /// Searches given up because a limit was reached.
        package let exhaustedSearchCount: Int
        /// Why the request body could not be read; empty if it could.
        package let bodyError: String
        /// Rules that `ctl` switched off, by id, and targets it took from rules, as written.
        package let removedRules: [Int]
        package let removedTargets: [String]

        package var loggedIDs: [Int] { records.filter(\.isLogged).map(\.ruleID) }
    }

    package let rules: RuleSet
    package let observer: RuleObserver
    private let transaction: Transaction
    /// What the transaction points into.
    private var kept: KeptRequest?

    /// - Parameters:
    ///   - keepsValues: whether the observer sees the values that operators look at.
    ///   - usesGates: false runs every rule on every value, if the rules were loaded with `.runsEveryRule`.
    package init(_ rules: RuleSet, keepsValues: Bool = false, usesGates: Bool = true) {
        self.rules = rules
        observer = RuleObserver(keepsValues: keepsValues)
        let workspace = Workspace(rules)
        workspace.usesGates = usesGates
        transaction = Transaction(rules, workspace: workspace, mode: rules.mode, uniqueID: "")
        unsafe transaction.evaluation.observer = observer
    }

    /// Runs all phases, up to the first interruption, and phase 5.
    package func run(_ request: RuleRequest, uniqueID: String = "0") -> Outcome {
        observer.removeAll()
        transaction.reset(mode: rules.mode, uniqueID: uniqueID)
        let kept = KeptRequest(request)
        self.kept = kept
        let interruption = kept.run(transaction)
        let phase = interruption == nil ? 0 : unsafe transaction.evaluation.flow.phase
        transaction.evaluateLogging()
        return Outcome(
            interruption: interruption,
            phase: phase,
            matchedIDs: transaction.matchedIDs,
            records: observer.records,
            inboundScore: transaction.inboundScore,
            outboundScore: transaction.outboundScore,
            variables: unsafe transaction.evaluation.setVariables,
            exhaustedSearchCount: transaction.exhaustedSearchCount,
            bodyError: transaction.bodyError,
            removedRules: removedRules,
            removedTargets: removedTargets
        )
    }

    private var removedTargets: [String] {
        unsafe transaction.evaluation.removedTargets.indices.map {
            rules.tables.removals[$0].target.source
        }
    }

    private var removedRules: [Int] {
        guard unsafe transaction.evaluation.hasRemovedRules else { return [] }
        let mask = unsafe transaction.evaluation.removedRules
        var ids: [Int] = []
        for rule in rules.tables.rules where ids.last != rule.id && mask.contains(rule.ordinal) {
            ids.append(rule.id)
        }
        return ids
    }

    /// Runs a request again and again as a gateway would, keeping nothing of what happened.
    package func rehearse(_ request: RuleRequest, times: Int) {
        let kept = KeptRequest(request)
        self.kept = kept
        unsafe transaction.evaluation.observer = nil
        for _ in 0..<times {
            transaction.reset(mode: rules.mode, uniqueID: "")
            _ = kept.run(transaction)
            transaction.evaluateLogging()
        }
        unsafe transaction.evaluation.observer = observer
    }
}

extension RuleRunner {
    /// What each transformation of a rule made of a value that an operator saw, in order.
    package func steps(of sight: RuleObserver.Sight) -> [(name: String, output: [UInt8])] {
        guard rules.tables.rules.indices.contains(sight.rule) else { return [] }
        let arena = Arena()
        let scratch = TransformationScratch(arena: arena, codePage: rules.codePage)
        var value = sight.original
        var steps: [(name: String, output: [UInt8])] = []
        for step in rules.chains[rules.tables.rules[sight.rule].chain].steps {
            value = value.withView { (step.apply($0, scratch) ?? $0).array }
            steps.append((step.name, value))
        }
        return steps
    }

    /// Runs the operator of a rule on a value that it saw, again and again; how often it matched.
    package func repeatOperator(of sight: RuleObserver.Sight, times: Int) -> Int {
        guard rules.tables.rules.indices.contains(sight.rule) else { return 0 }
        let index = rules.tables.rules[sight.rule].test
        guard rules.tables.tests.indices.contains(index) else { return 0 }
        let test = rules.tables.tests[index]
        var hits = 0
        sight.value.withView { value in
            unsafe transaction.evaluation.budget = TimeBudget(milliseconds: 60_000)
            for _ in 0..<times where unsafe test.matches(value, &transaction.evaluation) {
                hits += 1
            }
        }
        return hits
    }
}
