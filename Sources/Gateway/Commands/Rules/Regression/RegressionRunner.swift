import Rules

/// Runs regression tests through a rule set in this process, without a server.
final class RegressionRunner {
    /// How a test ended.
    struct Result: Sendable {
        let test: RegressionTest
        /// Empty if the test passed.
        let reasons: [String]
        let ids: [Int]
        /// Ids of rules that matched, logged or not.
        let matchedIDs: [Int]
        let nanoseconds: UInt64
    }

    private let runner: RuleRunner
    private let descriptions: [Int: RuleDescription]
    /// Where the requests go instead of the rules.
    private let client: RegressionClient?

    init(_ rules: RuleSet, client: RegressionClient? = nil) {
        runner = RuleRunner(rules)
        descriptions = rules.descriptionsByID
        self.client = client
    }

    func run(_ test: RegressionTest) -> Result {
        let start = MonotonicClock.nanoseconds
        var reasons: [String] = []
        var ids: [Int] = []
        var matched: [Int] = []
        for stage in test.stages {
            do {
                let seen = try observe(stage, test.id, &matched)
                ids += seen.ids
                reasons += stage.expectation.failures(of: seen)
            } catch {
                reasons.append("\(error)")
            }
        }
        return Result(
            test: test,
            reasons: reasons,
            ids: ids,
            matchedIDs: matched,
            nanoseconds: MonotonicClock.nanoseconds &- start
        )
    }

    private func observe(_ stage: RegressionTest.Stage, _ id: String, _ matched: inout [Int]) throws
        -> RegressionExpectation.Observation
    {
        let bytes = RegressionRequest.bytes(of: stage.input)
        if let client { return try client.observe(bytes) }
        switch RegressionExchange.read(bytes) {
        case .refused(let status):
            return .init(status: status, responseText: "", ids: [], lines: [])
        case .request(let request):
            let outcome = runner.run(request, uniqueID: id)
            matched += outcome.matchedIDs
            return observe(request, outcome, id)
        }
    }

    private func observe(_ request: RuleRequest, _ outcome: RuleRunner.Outcome, _ id: String)
        -> RegressionExpectation.Observation
    {
        let lines = outcome.records.filter(\.isLogged).map { record in
            let line = ErrorLogLine(
                record: record,
                rule: descriptions[record.ruleID],
                interruption: record.isBlocking ? outcome.interruption : nil,
                request: request,
                uniqueID: id
            )
            return String(decoding: line.bytes, as: UTF8.self)
        }
        let isDropped = outcome.interruption?.action == .drop
        return .init(
            status: isDropped ? nil : outcome.interruption?.status ?? request.status,
            responseText: outcome.interruption == nil
                ? String(decoding: request.responseBody, as: UTF8.self) : "",
            ids: outcome.loggedIDs,
            lines: lines + [outcome.bodyError].filter { !$0.isEmpty }
        )
    }
}
