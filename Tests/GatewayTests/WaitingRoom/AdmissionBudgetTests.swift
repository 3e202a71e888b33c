import Testing

@testable import Gateway

@Suite
struct AdmissionBudgetTests {
    private func rules(rate: Double, burst: Int) -> QueueRules {
        var settings = WaitingRoomSettings(name: "budget")
        settings.ratePerSecond = rate
        settings.burst = burst
        return QueueRules(settings)
    }

    @Test(arguments: [(50.0, 10), (0.001, 1), (0.5, 3), (1_000_000, 1), (7.3, 2)])
    func `The wait that is told is exactly long enough`(rate: Double, burst: Int) {
        let rules = rules(rate: rate, burst: burst)
        var budget = AdmissionBudget()
        budget.advance(to: 1_000_000, rules)
        var now: Int64 = 1_000_000
        for _ in 0..<200 {
            let wait = budget.waitMilliseconds(rules)
            #expect((wait == 0) == (budget.available(rules) >= 1))
            if wait > 1 {
                var early = budget
                early.advance(to: now + wait - 1, rules)
                #expect(early.waitMilliseconds(rules) == 1)
            }
            now += wait
            budget.advance(to: now, rules)
            #expect(budget.waitMilliseconds(rules) == 0)
            budget.spend()
        }
    }

    @Test func `Callers whose clocks differ by a moment are not paid twice`() {
        let rules = rules(rate: 1, burst: 1)
        var budget = AdmissionBudget()
        budget.advance(to: 100_000, rules)
        budget.spend()
        for _ in 0..<1_000 {
            budget.advance(to: 100_010, rules)
            budget.advance(to: 100_005, rules)
        }
        #expect(budget.waitMilliseconds(rules) == 990)
    }

    @Test func `A clock that was set back does not stop admission`() {
        let rules = rules(rate: 1, burst: 1)
        var budget = AdmissionBudget()
        budget.advance(to: 1_000_000_000, rules)
        budget.spend()
        budget.advance(to: 500_000_000, rules)
        budget.advance(to: 500_001_000, rules)
        #expect(budget.available(rules) == 1)
    }
}
