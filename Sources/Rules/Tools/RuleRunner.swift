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
    /// Bytes that the transaction points into.
    private var owned: [Constant] = []

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
        owned.removeAll(keepingCapacity: true)
        var interruption = runRequest(request)
        if interruption == nil { interruption = runResponse(request) }
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
            removedTargets: unsafe transaction.evaluation.removedTargets.map(\.target.source)
        )
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

    private func runRequest(_ request: RuleRequest) -> Interruption? {
        transaction.setConnection(
            clientAddress: request.clientAddress,
            clientPort: request.clientPort,
            serverAddress: request.serverAddress,
            serverPort: request.serverPort
        )
        unsafe transaction.setRequestLine(
            method: keep(request.method),
            target: keep(request.target),
            version: keep(Array("HTTP/".utf8) + request.version)
        )
        for field in request.headers {
            unsafe transaction.addRequestHeader(name: keep(field.name), value: keep(field.value))
        }
        if let interruption = transaction.evaluateRequestHead() { return interruption }
        if transaction.wantsRequestBody, !request.body.isEmpty,
            let interruption = unsafe transaction.appendRequestBody(keep(request.body))
        {
            return interruption
        }
        return transaction.evaluateRequestBody()
    }

    private func runResponse(_ request: RuleRequest) -> Interruption? {
        unsafe transaction.setResponseLine(
            status: request.status,
            version: keep(Array("HTTP/1.1".utf8))
        )
        for field in request.responseHeaders {
            unsafe transaction.addResponseHeader(name: keep(field.name), value: keep(field.value))
        }
        if let interruption = transaction.evaluateResponseHead() { return interruption }
        if transaction.wantsResponseBody, !request.responseBody.isEmpty,
            let interruption = unsafe transaction.appendResponseBody(keep(request.responseBody))
        {
            return interruption
        }
        return transaction.evaluateResponseBody()
    }

    @unsafe private func keep(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
        let kept = Constant(bytes)
        owned.append(kept)
        return unsafe UnsafeRawBufferPointer(start: kept.view.address, count: kept.count)
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
