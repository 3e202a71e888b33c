import ArgumentParser
import Transport

/// `bookme loadtest`
struct LoadTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "loadtest",
        abstract: "Puts load on a shop on this machine and checks its ledger afterwards.",
        discussion: """
            Scenarios: storm (many buyers for few seats), holds (two seats each, no two visitors wanting the same), \
            purchases (two best seats, ordered and paid), live (viewers of the seat map), seats (its snapshot). \
            Requests that get no answer, or 502, 503, 504 or 429, are repeated under the same Idempotency-Key.
            """
    )

    @Option(help: "The shop, http://127.0.0.1:port or https://localhost:port.")
    var url = "http://127.0.0.1:9000"

    @Option(help: "The certificates (PEM) that vouch for an https shop.")
    var ca: String?

    @Option(help: "storm, holds, purchases, live or seats.")
    var scenario = "storm"

    @Option(help: "The event's name in addresses.")
    var event = "teatro-500"

    @Option(help: "Buyers in all, for storm and purchases; at most 100,000.")
    var buyers = 5000

    @Option(help: "Connections at once; at most 20,000.")
    var connections = 500

    @Option(help: "Seconds at most.")
    var seconds = 120

    @Option(help: "An admin's address: with it the ledger is checked at the end.")
    var adminEmail: String?

    @Option(help: "The admin's password [BMH_ADMIN_PASSWORD].")
    var adminPassword: String?

    @Option(help: "How many seats must be sold at the end, for the exit status.")
    var expectSold: Int?

    func validate() throws {
        guard LoadRun.Scenario(rawValue: scenario) != nil else {
            throw ValidationError("scenario: storm, holds, purchases, live or seats")
        }
        guard (1...100_000).contains(buyers), (1...20_000).contains(connections),
            (1...3600).contains(seconds)
        else { throw ValidationError("buyers, connections or seconds is out of range") }
    }

    func run() async throws {
        let target = try LoadTarget(url: url, authorities: ca)
        let tally = LoadTally()
        let run = LoadRun(
            target: target,
            scenario: LoadRun.Scenario(rawValue: scenario) ?? .storm,
            event: event,
            connectionCount: connections,
            buyerCount: buyers,
            seconds: seconds,
            tally: tally
        )
        let start = Instant.current()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await report(tally, since: start) }
            try await run.run()
            group.cancelAll()
        }
        summarise(tally, since: start)
        try await check(target, tally)
    }

    /// A line each second for whoever waits.
    private func report(_ tally: LoadTally, since start: Instant) async {
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            let now = tally.now
            let seconds = (Instant.current().nanoseconds - start.nanoseconds) / 1_000_000_000
            let line =
                "\(seconds) s: \(now.histogram.count) answers, \(now.holdCount) holds, "
                + "\(now.paidOrders.count) paid, \(now.soldOutCount) sold out, \(now.failedCount) failed"
            ECSLogHandler.standardOutput(line + "\n")
        }
    }

    private func summarise(_ tally: LoadTally, since start: Instant) {
        let figures = tally.now
        let elapsed = Double(Instant.current().nanoseconds - start.nanoseconds) / 1e9
        let quantiles = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)]
            .map { name, share in
                "\(name) \(Double(figures.histogram.quantile(share) / 100) / 10) ms"
            }
        let perSecond = { (count: Int) in Int((Double(count) / elapsed).rounded()) }
        var lines = [
            "elapsed \(Double(Int(elapsed * 100)) / 100) s",
            "answers \(figures.histogram.count), \(perSecond(figures.histogram.count)) per second",
            "holds \(figures.holdCount), \(perSecond(figures.holdCount)) per second",
            "purchases \(figures.paidOrders.count), \(perSecond(figures.paidOrders.count)) per second",
            "latency of answers: " + quantiles.joined(separator: ", "),
            "sold out \(figures.soldOutCount), failed \(figures.failedCount), stream bytes \(figures.bytes)",
        ]
        lines += figures.outcomes.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
        ECSLogHandler.standardOutput(lines.joined(separator: "\n") + "\n")
    }

    private func check(_ target: LoadTarget, _ tally: LoadTally) async throws {
        guard let adminEmail else { return }
        let password = adminPassword ?? Setting.text("BMH_ADMIN_PASSWORD") ?? ""
        var text: String?
        // A server may be coming back at this very moment.
        for attempt in 0..<10 where text == nil {
            if attempt > 0 { try await Task.sleep(for: .seconds(1)) }
            text = try? await ledger(target, adminEmail, password)
        }
        guard let text else { throw LoadTarget.Problem(description: "the ledger cannot be had") }
        let check = LedgerCheck(text, acknowledged: tally.now.paidOrders)
        ECSLogHandler.standardOutput(
            "ledger: \(check.soldCount) sold, \(check.paidOrderCount) paid orders, "
                + (check.problems.isEmpty ? "clean\n" : "\(check.problems.count) problems\n")
        )
        for problem in check.problems.prefix(20) { ECSLogHandler.standardOutput("  \(problem)\n") }
        let isComplete = expectSold.map { $0 == check.soldCount } ?? true
        guard check.problems.isEmpty, isComplete else { throw ExitCode(1) }
    }

    private func ledger(_ target: LoadTarget, _ email: String, _ password: String) async throws
        -> String
    {
        let reactor = try Reactor()
        try reactor.start()
        defer { reactor.stop() }
        let event = event
        return try await withTaskExecutorPreference(reactor) {
            let connection = LoadConnection(to: target, on: reactor)
            defer { connection.close() }
            let body = "{\"email\":\"\(email)\",\"password\":\"\(password)\"}"
            let login = try await connection.send(
                "POST",
                "/api/v1/sessions",
                ["content-type: application/json"],
                body: body
            )
            guard let cookie = login.cookies.first(where: { $0.hasPrefix("__Host-bmh_sid=") })
            else { throw LoadTarget.Problem(description: "sign-in: status \(login.status)") }
            let answer = try await connection.send(
                "GET",
                "/api/v1/admin/events/\(event)/ledger",
                ["cookie: \(cookie)"]
            )
            guard answer.status == 200 else {
                throw LoadTarget.Problem(description: "ledger: status \(answer.status)")
            }
            return answer.body
        }
    }
}
