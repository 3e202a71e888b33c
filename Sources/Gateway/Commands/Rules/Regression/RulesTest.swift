import ArgumentParser
import Rules
import Synchronization
import Transport

extension RegressionFormat: ExpressibleByArgument {}

extension RuleTools {
    /// `haniel rules test`
    struct TestRules: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test",
            abstract: "Run regression tests in the form of go-ftw, without a server.",
            discussion: """
                Requests are read as the gateway reads them and go through the rules in this process; what the rules \
                log is compared with what each test expects. With --address a running gateway is asked instead. Ends \
                with status 1 if a test fails.
                """
        )

        @Argument(help: ArgumentHelp("Folder with YAML files, or one file.", valueName: "tests"))
        var tests: String

        @OptionGroup var source: RuleSourceOptions

        @Option(
            name: .long,
            help: ArgumentHelp(
                "Only tests whose id, such as 942100-3, matches.",
                valueName: "regex"
            )
        )
        var include: String?

        @Option(
            name: .long,
            help: ArgumentHelp("Leave out tests whose id matches.", valueName: "regex")
        )
        var exclude: String?

        @Option(name: .long, help: ArgumentHelp("Tests at a time.", valueName: "count"))
        var jobs = 1

        @Option(
            name: .long,
            help: ArgumentHelp(
                "Send the requests to a gateway that runs with --report-rules instead.",
                valueName: "host:port"
            )
        )
        var address: String?

        @Option(name: .long, help: "text, junit, tap, github or json.")
        var format = RegressionFormat.text

        func run() throws {
            let client = try address.map { try RegressionClient($0) }
            let rules =
                client == nil
                ? try source.load([.keepsSource]) : try RuleSource(text: []).loadOrExit([])
            let selected = try select(try RegressionTest.read(under: tests))
            if selected.isEmpty {
                throw RegressionProblem(description: "\(tests): no test is there, or none matches")
            }
            let start = MonotonicClock.nanoseconds
            let results = Self.run(selected, rules, client, jobs: max(1, min(jobs, 64)))
            let seconds = Double(MonotonicClock.nanoseconds &- start) / 1e9
            let report = RegressionReport(results: results, seconds: seconds)
            try StandardOutput.write(report.text(format))
            if !report.failures.isEmpty { throw ExitCode.failure }
        }

        private func select(_ tests: [RegressionTest]) throws -> [RegressionTest] {
            func pattern(_ text: String?) throws -> Regex<AnyRegexOutput>? {
                guard let text else { return nil }
                do { return try Regex(text) } catch {
                    throw ValidationError("`\(text)` is no regular expression: \(error)")
                }
            }
            let included = try pattern(include)
            let excluded = try pattern(exclude)
            return tests.filter { test in
                if let included, test.id.firstMatch(of: included) == nil { return false }
                if let excluded, test.id.firstMatch(of: excluded) != nil { return false }
                return true
            }
        }

        /// Runs the tests on several threads; the results are in the order of the tests.
        static func run(
            _ tests: [RegressionTest],
            _ rules: RuleSet,
            _ client: RegressionClient?,
            jobs: Int
        ) -> [RegressionRunner.Result] {
            if jobs == 1 || tests.count < 2 {
                return tests.map(RegressionRunner(rules, client: client).run)
            }
            let work = SharedWork(tests)
            for _ in 1..<jobs {
                // With fewer threads it takes longer, and no more.
                try? Thread.start { work.take(part: RegressionRunner(rules, client: client)) }
            }
            work.take(part: RegressionRunner(rules, client: client))
            return work.results
        }
    }
}

/// Tests that several threads take from one list.
private final class SharedWork: Sendable {
    private let tests: [RegressionTest]
    private let next = Atomic<Int>(0)
    private let done = Mutex<[(index: Int, result: RegressionRunner.Result)]>([])

    init(_ tests: [RegressionTest]) { self.tests = tests }

    func take(part runner: RegressionRunner) {
        while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < tests.count else { return }
            let result = runner.run(tests[index])
            done.withLock { $0.append((index, result)) }
        }
    }

    /// All results, once every test is done.
    var results: [RegressionRunner.Result] {
        while done.withLock({ $0.count }) < tests.count { MonotonicClock.pause() }
        return done.withLock { $0 }.sorted { $0.index < $1.index }.map(\.result)
    }
}
