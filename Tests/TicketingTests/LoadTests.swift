import Testing

@testable import Ticketing

struct LoadTests {
    @Test func `A histogram's quantiles are within a few per cent`() {
        var histogram = LatencyHistogram()
        for value in 1...10_000 { histogram.add(microseconds: UInt64(value)) }
        for share in [0.01, 0.5, 0.9, 0.99, 1] {
            let expected = 10_000 * share
            let found = Double(histogram.quantile(share))
            #expect(abs(found - expected) <= expected * 0.04 + 1, "\(share): \(found)")
        }
    }

    @Test(
        arguments: [
            ("", "AAAA", []),
            (#"{"kind":"claim","label":"A","state":"sold"}"#, "AAAA", ["1 seats sold"]),
            (
                #"{"kind":"claim","label":"A","state":"sold"}"# + "\n"
                    + #"{"kind":"ticket","label":"A","order":"X","seat":1,"valid":true}"# + "\n"
                    + #"{"kind":"ticket","label":"A","order":"Y","seat":1,"valid":true}"#,
                "", ["two tickets"]
            ),
            (#"{"code":"X","kind":"order","state":"paid","units":2}"#, "", ["2 paid, 0 tickets"]),
            (#"{"code":"X","kind":"order","state":"expired","units":1}"#, "X", ["is expired"]),
        ] as [(String, String, [String])]
    )
    func `A ledger that does not agree with itself or with the buyers is found out`(
        ledger: String,
        acknowledged: String,
        expected: [String]
    ) {
        let check = LedgerCheck(ledger, acknowledged: acknowledged.isEmpty ? [] : [acknowledged])
        let wanted = acknowledged == "AAAA" ? expected + ["is gone"] : expected
        for text in wanted { #expect(check.problems.contains { $0.contains(text) }, "\(text)") }
        #expect(check.problems.count == wanted.count, "\(check.problems)")
    }

    /// Puts load on a shop and returns what came of it.
    private static func load(
        _ scenario: LoadRun.Scenario,
        on event: String,
        of shop: RunningShop,
        connections: Int = 1,
        buyers: Int = 1,
        seconds: Int = 300
    ) async throws -> LoadTally.Figures {
        let tally = LoadTally()
        let url = "http://127.0.0.1:\(shop.client.port)"
        try await LoadRun(
            target: try LoadTarget(url: url, authorities: nil),
            scenario: scenario,
            event: event,
            connectionCount: connections,
            buyerCount: buyers,
            seconds: seconds,
            tally: tally
        ).run()
        return tally.now
    }

    @Test func `A few buyers for fewer seats: everything is sold once and the ledger is clean`()
        async throws
    {
        try await RunningShop.run { shop in
            let figures = try await Self.load(
                .storm,
                on: "evening",
                of: shop,
                connections: 8,
                buyers: 40
            )
            #expect(figures.paidOrders.count == 20)
            #expect(figures.soldOutCount == 20)
            #expect(figures.failedCount == 0, "\(figures.outcomes)")
            let admin = try await shop.signIn("root@example.com", role: .admin)
            let ledger = try await shop.client.get("/api/v1/admin/events/evening/ledger", admin)
            let check = LedgerCheck(ledger.body, acknowledged: figures.paidOrders)
            #expect(check.problems.isEmpty)
            #expect(check.soldCount == 20)
        }
    }

    @Test(arguments: [("evening", "streams opened"), ("nowhere", "streams refused 404")])
    func `A viewer who was refused has opened no stream`(event: String, outcome: String)
        async throws
    {
        try await RunningShop.run { shop in
            let figures = try await Self.load(.live, on: event, of: shop, seconds: 1)
            #expect(figures.outcomes.keys.filter { $0.hasPrefix("streams") } == [outcome])
            #expect((figures.failedCount > 0) == (event == "nowhere"))
        }
    }
}
