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

    init(_ rules: RuleSet) {
        runner = RuleRunner(rules)
        descriptions = rules.descriptionsByID
    }

    func run(_ test: RegressionTest) -> Result {
        let start = MonotonicClock.nanoseconds
        var reasons: [String] = []
        var ids: [Int] = []
        var matched: [Int] = []
        for stage in test.stages {
            let seen: RegressionExpectation.Observation
            switch RegressionExchange.read(RegressionRequest.bytes(of: stage.input)) {
            case .refused(let status):
                seen = .init(status: status, responseText: "", ids: [], lines: [])
            case .request(let request):
                let outcome = runner.run(request, uniqueID: test.id)
                matched += outcome.matchedIDs
                seen = observe(request, outcome, test.id)
            }
            ids += seen.ids
            reasons += stage.expectation.failures(of: seen)
        }
        return Result(
            test: test,
            reasons: reasons,
            ids: ids,
            matchedIDs: matched,
            nanoseconds: MonotonicClock.nanoseconds &- start
        )
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
            lines: lines
        )
    }
}
