import ArgumentParser
import Rules

extension RuleTools {
    /// `haniel rules bench`
    struct Bench: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Measure the rules: time per class of request, and the slowest rules.",
            discussion: """
                Without --requests, five classes are measured that are usual for comparing engines. The time of a \
                rule is that of its operator on the values it saw; rules whose literals did not occur saw none.
                """
        )

        @OptionGroup var source: RuleSourceOptions

        @Option(
            name: .long,
            help: ArgumentHelp(
                "Requests of your own: JSON lines or an HTTP archive.",
                valueName: "file"
            )
        )
        var requests: String?

        @Option(
            name: .long,
            help: ArgumentHelp(
                "Fail if a class takes longer on average.",
                valueName: "microseconds"
            )
        )
        var budget: Double?

        @Option(name: .long, help: ArgumentHelp("Rules to list.", valueName: "count"))
        var slowest = 20

        @Option(
            name: .long,
            help: ArgumentHelp("How long to measure each class.", valueName: "milliseconds")
        )
        var time = 300

        @Option(name: .long, help: "text (default on a terminal) or json (default elsewhere).")
        var format: ReportFormat?

        func run() throws {
            let rules = try source.load([.keepsSource])
            let classes = try requests.map { path in
                try RequestFile.read(path).map { (name: $0.place, request: $0.request) }
            }
            let measurement = RuleMeasurement(
                rules,
                classes ?? BenchRequests.all,
                milliseconds: max(1, min(time, 60_000))
            )
            switch format ?? .standard {
            case .text: try StandardOutput.write(measurement.text(slowest: slowest))
            case .json: try StandardOutput.write(measurement.json(slowest: slowest).line + [0x0A])
            }
            if let budget, measurement.classes.contains(where: { $0.microseconds > budget }) {
                StandardError.write("a class of requests takes more than \(budget) microseconds\n")
                throw ExitCode.failure
            }
        }
    }
}

/// What rules cost, measured.
struct RuleMeasurement {
    struct Class {
        let name: String
        let microseconds: Double
        /// Values that operators looked at.
        let looks: Int
    }

    struct Rule {
        let id: Int
        let nanoseconds: Double
        let looks: Int
        let operatorName: String
    }

    private(set) var classes: [Class] = []
    private(set) var rules: [Rule] = []

    init(_ set: RuleSet, _ requests: [(name: String, request: RuleRequest)], milliseconds: Int) {
        let plain = RuleRunner(set)
        let watched = RuleRunner(set, keepsValues: true)
        let known = set.descriptionsByID
        var times: [Int: (nanoseconds: Double, looks: Int)] = [:]
        for (name, request) in requests {
            let time = Self.time(plain, request, milliseconds)
            _ = watched.run(request)
            let sights = watched.observer.sights
            classes.append(Class(name: name, microseconds: time, looks: sights.count))
            for sight in sights {
                let cost = Self.time(watched, sight)
                let sum = times[sight.ruleID] ?? (0, 0)
                times[sight.ruleID] = (sum.nanoseconds + cost, sum.looks + 1)
            }
        }
        rules = times.map { id, sum in
            Rule(
                id: id,
                nanoseconds: sum.nanoseconds,
                looks: sum.looks,
                operatorName: known[id]?.operatorName ?? ""
            )
        }
        .sorted { $0.nanoseconds > $1.nanoseconds }
    }

    /// The time of a request in microseconds: the fastest of ten stretches, since others use the machine too.
    private static func time(_ runner: RuleRunner, _ request: RuleRequest, _ milliseconds: Int)
        -> Double
    {
        runner.rehearse(request, times: 20)
        let stretch = UInt64(milliseconds) * 100_000
        var best = Double.infinity
        for _ in 0..<10 {
            let start = MonotonicClock.nanoseconds
            var count = 0
            var elapsed: UInt64 = 0
            while elapsed < stretch || count == 0 {
                runner.rehearse(request, times: repeats)
                count += repeats
                elapsed = MonotonicClock.nanoseconds &- start
            }
            best = min(best, Double(elapsed) / Double(count))
        }
        return best / 1_000
    }

    private static let repeats = 20

    private static func time(_ runner: RuleRunner, _ sight: RuleObserver.Sight) -> Double {
        let start = MonotonicClock.nanoseconds
        _ = runner.repeatOperator(of: sight, times: repeats)
        return Double(MonotonicClock.nanoseconds &- start) / Double(repeats)
    }

    func text(slowest: Int) -> String {
        var text = "microseconds  operator runs  class\n"
        for row in classes {
            text +=
                "\(Self.padded(Self.tenths(row.microseconds), 12))  \(Self.padded("\(row.looks)", 13))  \(row.name)\n"
        }
        text += "\nnanoseconds  operator runs  rule    operator (all classes together)\n"
        for row in rules.prefix(max(0, slowest)) {
            text +=
                "\(Self.padded("\(Int(row.nanoseconds))", 11))  \(Self.padded("\(row.looks)", 13))  "
            text += "\(row.id)  @\(row.operatorName)\n"
        }
        return text
    }

    private static func tenths(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    func json(slowest: Int) -> JSONValue {
        .object([
            (
                "classes",
                .array(
                    classes.map {
                        .object([
                            ("name", .text($0.name)), ("microseconds", .number($0.microseconds)),
                            ("operator_runs", .integer($0.looks)),
                        ])
                    }
                )
            ),
            (
                "rules",
                .array(
                    rules.prefix(max(0, slowest)).map {
                        .object([
                            ("id", .integer($0.id)), ("nanoseconds", .number($0.nanoseconds)),
                            ("operator_runs", .integer($0.looks)),
                            ("operator", .text($0.operatorName)),
                        ])
                    }
                )
            ),
        ])
    }
}
