import Testing

@testable import Gateway

private func rules(capacity: Int, rate: Double, burst: Int, session: Int = 10) -> QueueRules {
    var settings = WaitingRoomSettings(name: "test")
    settings.capacity = capacity
    settings.ratePerSecond = rate
    settings.burst = burst
    settings.sessionSeconds = session
    return QueueRules(settings)
}

private func admitted(_ untilMilliseconds: Int64) -> QueueClaim {
    .admitted(untilMilliseconds: untilMilliseconds)
}

private func session(_ number: UInt64) -> SessionID { SessionID(high: 1, low: number) }

struct HistoryRow: CustomTestStringConvertible, Sendable {
    let seed: UInt64
    let capacity: Int
    let rate: Double
    let burst: Int
    let arrivalsPerStep: UInt64

    var testDescription: String { "seed \(seed): \(capacity) slots, \(rate)/s, burst \(burst)" }
}

private let historyRows = [
    HistoryRow(seed: 1, capacity: 20, rate: 1_000, burst: 100, arrivalsPerStep: 2),
    HistoryRow(seed: 2, capacity: 1, rate: 50, burst: 1, arrivalsPerStep: 1),
    HistoryRow(seed: 3, capacity: 50, rate: 3, burst: 2, arrivalsPerStep: 1),
    HistoryRow(seed: 4, capacity: 100, rate: 7.5, burst: 5, arrivalsPerStep: 4),
    HistoryRow(seed: 5, capacity: 30, rate: 200, burst: 10, arrivalsPerStep: 6),
]

@Suite
struct WaitingRoomStateMachineTests {
    @Test(arguments: historyRows)
    func `In any crowd the cap, the order, the places and the rate hold`(row: HistoryRow) {
        let rules = rules(capacity: row.capacity, rate: row.rate, burst: row.burst)
        var history = QueueHistory(rules: rules, seed: row.seed)
        history.play(
            steps: 600,
            arrivalsPerStep: row.arrivalsPerStep,
            habits: QueueHistory.Habit.allCases
        )
        #expect(history.violations.prefix(5) == [])
        #expect(history.insideHighest <= row.capacity)
        let waitedFor = history.visitors.filter { [.honest, .leaver, .sleeper].contains($0.habit) }
        #expect(waitedFor.count > 10)
        #expect(waitedFor.allSatisfy { $0.admittedAt != nil })
        for seconds in [1, 10, 60] as [Int64] {
            let most = history.admissions.map { first in
                history.admissions.count { $0 >= first && $0 < first + seconds * 1_000 }
            }.max()
            #expect(Double(most ?? 0) <= row.rate * Double(seconds) + Double(row.burst))
        }
    }

    @Test(arguments: [UInt64(21), 22, 23])
    func `Slots stay in use while half of the places are bots and a fifth vanish`(seed: UInt64) {
        let rules = rules(capacity: 40, rate: 1_000, burst: 100)
        var history = QueueHistory(rules: rules, seed: seed, placesPerPollSecond: 40)
        let habits: [QueueHistory.Habit] = [
            .ghost, .ghost, .ghost, .ghost, .honest, .honest, .leaver, .vanisher,
        ]
        history.play(steps: 1_200, arrivalsPerStep: 4, habits: habits)
        #expect(history.violations.prefix(5) == [])
        #expect(history.offeredSlots > 40 * 100)
        #expect(Double(history.usedSlots) / Double(history.offeredSlots) >= 0.95)
    }

    @Test func `Somebody who comes to an empty room enters at once`() {
        var machine = WaitingRoomStateMachine(
            rules: rules(capacity: 1, rate: 10, burst: 1),
            epoch: 1
        )
        #expect(machine.join(aliveUntil: 5_000, now: 1_000) == 1)
        #expect(
            machine.claim(1, session: session(1), aliveUntil: 5_000, now: 1_000) == admitted(11_000)
        )
        #expect(machine.join(aliveUntil: 5_000, now: 1_001) == 2)
        #expect(machine.claim(2, session: session(2), aliveUntil: 5_000, now: 1_001) == .waiting)
    }

    @Test func `A slot that was left is free only when every node has heard of it`() {
        var machine = WaitingRoomStateMachine(
            rules: rules(capacity: 1, rate: 10, burst: 9),
            epoch: 1
        )
        _ = machine.join(aliveUntil: 90_000, now: 0)
        _ = machine.claim(1, session: session(1), aliveUntil: 90_000, now: 0)
        _ = machine.join(aliveUntil: 90_000, now: 0)
        machine.leave(session(1), now: 1_000)
        // Called up already, and asked to come back when it is free.
        #expect(
            machine.claim(2, session: session(2), aliveUntil: 90_000, now: 1_400)
                == .later(milliseconds: 600)
        )
        #expect(
            machine.claim(2, session: session(2), aliveUntil: 90_000, now: 1_999)
                == .later(milliseconds: 1)
        )
        #expect(
            machine.claim(2, session: session(2), aliveUntil: 90_000, now: 2_000)
                == admitted(12_000)
        )
    }

    @Test func `Who sleeps through the turn keeps the place and is first when back`() {
        var machine = WaitingRoomStateMachine(
            rules: rules(capacity: 1, rate: 100, burst: 9),
            epoch: 1
        )
        for _ in 0..<3 { _ = machine.join(aliveUntil: 3_000, now: 0) }
        _ = machine.claim(1, session: session(1), aliveUntil: 3_000, now: 0)
        machine.mark(3, aliveUntil: 60_000)
        machine.tick(now: 10_000)
        #expect(machine.snapshot.serving == 3)
        #expect(machine.claim(2, session: session(2), aliveUntil: 60_000, now: 11_000) == .waiting)
        #expect(
            machine.claim(3, session: session(3), aliveUntil: 60_000, now: 11_000)
                == admitted(21_000)
        )
        machine.leave(session(3), now: 12_000)
        #expect(machine.join(aliveUntil: 60_000, now: 13_000) == 4)
        #expect(machine.claim(4, session: session(4), aliveUntil: 60_000, now: 13_000) == .waiting)
        #expect(
            machine.claim(2, session: session(2), aliveUntil: 60_000, now: 13_001)
                == admitted(23_001)
        )
    }

    @Test func `After the grace the place is gone`() {
        var machine = WaitingRoomStateMachine(
            rules: rules(capacity: 1, rate: 100, burst: 9),
            epoch: 1
        )
        _ = machine.join(aliveUntil: 1_000, now: 0)
        machine.tick(now: 602_001)
        #expect(machine.claim(1, session: session(1), aliveUntil: 700_000, now: 602_001) == .spent)
    }

    @Test func `A claim may be repeated for half a minute, not for the whole session`() {
        var machine = WaitingRoomStateMachine(
            rules: rules(capacity: 1, rate: 10, burst: 1, session: 100),
            epoch: 1
        )
        _ = machine.join(aliveUntil: 3_000, now: 0)
        let first = machine.claim(1, session: session(1), aliveUntil: 3_000, now: 0)
        #expect(machine.claim(1, session: session(1), aliveUntil: 3_000, now: 29_999) == first)
        #expect(machine.claim(1, session: session(1), aliveUntil: 3_000, now: 30_000) == .spent)
        #expect(machine.claim(1, session: session(9), aliveUntil: 3_000, now: 10) == .spent)
        #expect(machine.snapshot.activeCount == 1)
    }

    @Test func `A place given up is passed over and never comes back`() {
        var machine = WaitingRoomStateMachine(
            rules: rules(capacity: 1, rate: 10, burst: 9),
            epoch: 1
        )
        for _ in 0..<3 { _ = machine.join(aliveUntil: 90_000, now: 0) }
        _ = machine.claim(1, session: session(1), aliveUntil: 90_000, now: 0)
        machine.giveUp(2, now: 0)
        machine.mark(2, aliveUntil: 90_000)
        machine.leave(session(1), now: 0)
        machine.tick(now: 1_000)
        #expect(machine.claim(2, session: session(2), aliveUntil: 90_000, now: 1_000) == .spent)
        #expect(
            machine.claim(3, session: session(3), aliveUntil: 90_000, now: 1_000)
                == admitted(11_000)
        )
    }

    @Test func `A pause admits nobody and loses no place`() {
        var settings = WaitingRoomSettings(name: "test")
        settings.mode = .paused
        var machine = WaitingRoomStateMachine(rules: QueueRules(settings), epoch: 1)
        #expect(machine.join(aliveUntil: 90_000, now: 0) == 1)
        #expect(machine.claim(1, session: session(1), aliveUntil: 90_000, now: 0) == .waiting)
        settings.mode = .automatic
        machine.configure(QueueRules(settings), now: 1)
        #expect(
            machine.claim(1, session: session(1), aliveUntil: 90_000, now: 1) == admitted(600_001)
        )
    }

    @Test func `A full line takes nobody and numbers that were never issued claim nothing`() {
        var settings = WaitingRoomSettings(name: "test")
        settings.queueLimit = 2
        settings.mode = .paused
        var machine = WaitingRoomStateMachine(rules: QueueRules(settings), epoch: 1)
        #expect(
            [machine.join(aliveUntil: 1, now: 0), machine.join(aliveUntil: 1, now: 0)] == [1, 2]
        )
        #expect(machine.join(aliveUntil: 1, now: 0) == nil)
        for position in [Int64.min, -1, 0, 3, .max] {
            #expect(machine.claim(position, session: session(1), aliveUntil: 1, now: 0) == .spent)
        }
    }

    @Test func `A restart issues no number twice, loses no place and spends no ticket again`()
        throws
    {
        let rules = rules(capacity: 1, rate: 100, burst: 9)
        var machine = WaitingRoomStateMachine(rules: rules, epoch: 1)
        for _ in 0..<3 { _ = machine.join(aliveUntil: 90_000, now: 0) }
        _ = machine.claim(1, session: session(1), aliveUntil: 90_000, now: 0)
        let record = try #require(QueueRecord(text: machine.record(now: 5_000).text))
        var restarted = WaitingRoomStateMachine(
            rules: rules,
            record: record,
            gap: 1_000,
            now: 5_000
        )
        // The record knows who is inside, so that the line goes on at once.
        #expect(restarted.snapshot.activeCount == 1)
        #expect(restarted.snapshot.waitingCount == 2)
        #expect(restarted.join(aliveUntil: 90_000, now: 5_000) == 1_004)
        #expect(restarted.snapshot.ahead(of: 1_004) == 2)
        #expect(restarted.claim(2, session: session(2), aliveUntil: 90_000, now: 5_000) == .waiting)
        #expect(restarted.claim(1, session: session(9), aliveUntil: 90_000, now: 5_000) == .spent)
        #expect(restarted.adopt(session(9), now: 5_000) == nil)
        restarted.leave(session(1), now: 6_000)
        #expect(
            restarted.claim(2, session: session(2), aliveUntil: 90_000, now: 7_000)
                == admitted(17_000)
        )
    }

    @Test func `After a restart no slot is kept for those who were not there any more`() throws {
        let rules = rules(capacity: 1, rate: 100, burst: 9)
        var machine = WaitingRoomStateMachine(rules: rules, epoch: 1)
        _ = machine.join(aliveUntil: 90_000, now: 0)
        _ = machine.claim(1, session: session(1), aliveUntil: 90_000, now: 0)
        for aliveUntil in [1_000, 90_000] as [Int64] {
            _ = machine.join(aliveUntil: aliveUntil, now: 0)
        }
        let record = try #require(QueueRecord(text: machine.record(now: 5_000).text))
        var restarted = WaitingRoomStateMachine(rules: rules, record: record, gap: 0, now: 5_000)
        restarted.leave(session(1), now: 5_000)
        #expect(
            restarted.claim(3, session: session(3), aliveUntil: 90_000, now: 6_000)
                == admitted(16_000)
        )
        // Who was silent then and comes now is first when a slot is free.
        #expect(restarted.claim(2, session: session(2), aliveUntil: 90_000, now: 7_000) == .waiting)
        restarted.leave(session(3), now: 7_000)
        #expect(
            restarted.claim(2, session: session(2), aliveUntil: 90_000, now: 8_000)
                == admitted(18_000)
        )
    }

    @Test
    func `After a record that may not know everybody inside nobody is admitted for a session`()
        throws
    {
        let rules = rules(capacity: 1, rate: 100, burst: 9)
        var machine = WaitingRoomStateMachine(rules: rules, epoch: 1)
        for _ in 0..<2 { _ = machine.join(aliveUntil: 90_000, now: 0) }
        var record = try #require(QueueRecord(text: machine.record(now: 5_000).text))
        record.knowsSessions = false
        var restarted = WaitingRoomStateMachine(rules: rules, record: record, gap: 10, now: 5_000)
        #expect(restarted.adopt(session(1), now: 5_000) == 15_000)
        #expect(
            restarted.claim(2, session: session(2), aliveUntil: 90_000, now: 14_999) == .waiting
        )
        #expect(restarted.adopt(session(9), now: 15_000) == nil)
        #expect(
            restarted.claim(2, session: session(2), aliveUntil: 90_000, now: 15_000)
                == admitted(25_000)
        )
    }

    @Test func `Those who come before an opening get their numbers together, before later ones`() {
        var rules = rules(capacity: 1, rate: 100, burst: 9)
        rules.opensMilliseconds = 60_000
        var machine = WaitingRoomStateMachine(rules: rules, epoch: 1)
        for index in 1...3 as ClosedRange<Int64> {
            let number = machine.register(opensAt: 60_000, key: 7, now: 1_000)?.count
            #expect(number == index)
        }
        #expect(machine.snapshot.tail == 0)
        #expect(machine.join(aliveUntil: 90_000, now: 1_000) == nil, "others are numbered first")
        #expect(machine.register(opensAt: 60_000, key: 7, now: 60_000) == nil)
        #expect(machine.snapshot.draw == QueueDraw(name: 60_000, after: 0, count: 3, key: 7))
        #expect(machine.join(aliveUntil: 90_000, now: 60_000) == 4)
        #expect(
            machine.claim(1, session: session(1), aliveUntil: 90_000, now: 60_001)
                == admitted(70_001)
        )
    }

    @Test func `An invitation puts its holder before the line, as often as it may`() {
        var machine = WaitingRoomStateMachine(
            rules: rules(capacity: 1, rate: 100, burst: 9),
            epoch: 1
        )
        for _ in 0..<4 { _ = machine.join(aliveUntil: 90_000, now: 0) }
        _ = machine.claim(1, session: session(1), aliveUntil: 90_000, now: 0)
        let isInside = machine.invite(1, invitation: "a", uses: 1, now: 0)
        #expect(!isInside, "nobody comes in twice")
        let isTaken = machine.invite(4, invitation: "a", uses: 1, now: 0)
        let isTakenAgain = machine.invite(3, invitation: "a", uses: 1, now: 0)
        #expect(isTaken && !isTakenAgain)
        machine.leave(session(1), now: 0)
        #expect(machine.claim(2, session: session(2), aliveUntil: 90_000, now: 1_000) == .waiting)
        #expect(
            machine.claim(4, session: session(4), aliveUntil: 90_000, now: 1_000)
                == admitted(11_000)
        )
    }

    @Test func `Who goes before the line and is silent when a slot is free is first when back`()
        throws
    {
        let rules = rules(capacity: 1, rate: 100, burst: 9)
        var machine = WaitingRoomStateMachine(rules: rules, epoch: 1)
        for _ in 0..<4 { _ = machine.join(aliveUntil: 90_000, now: 0) }
        _ = machine.claim(1, session: session(1), aliveUntil: 90_000, now: 0)
        let isTaken = machine.invite(4, invitation: "a", uses: 9, now: 0)
        #expect(isTaken)
        // Counts as there for eight seconds: the slot goes to the next in line.
        machine.leave(session(1), now: 10_000)
        #expect(
            machine.claim(2, session: session(2), aliveUntil: 90_000, now: 12_000)
                == admitted(22_000)
        )
        // Back, also after a restart, and before the third.
        let record = try #require(QueueRecord(text: machine.record(now: 12_000).text))
        for var machine in [
            machine, WaitingRoomStateMachine(rules: rules, record: record, gap: 0, now: 12_000),
        ] {
            #expect(
                machine.claim(4, session: session(4), aliveUntil: 90_000, now: 12_500) == .waiting
            )
            machine.leave(session(2), now: 13_000)
            #expect(
                machine.claim(3, session: session(3), aliveUntil: 90_000, now: 14_500) == .waiting
            )
            #expect(
                machine.claim(4, session: session(4), aliveUntil: 90_000, now: 14_500)
                    == admitted(24_500)
            )
        }
    }

    @Test func `An invitation is paid once for a place`() throws {
        let rules = rules(capacity: 1, rate: 100, burst: 9)
        var machine = WaitingRoomStateMachine(rules: rules, epoch: 1)
        for _ in 0..<4 { _ = machine.join(aliveUntil: 90_000, now: 0) }
        _ = machine.claim(1, session: session(1), aliveUntil: 90_000, now: 0)
        for _ in 0..<5 {
            let isTaken = machine.invite(3, invitation: "a", uses: 2, now: 0)
            #expect(isTaken)
        }
        let record = try #require(QueueRecord(text: machine.record(now: 0).text))
        for var machine in [
            machine, WaitingRoomStateMachine(rules: rules, record: record, gap: 0, now: 0),
        ] {
            let answers = [3, 4, 2].map { machine.invite($0, invitation: "a", uses: 2, now: 0) }
            #expect(answers == [true, true, false])
        }
    }

    @Test(arguments: [
        "", "v2", "v2 1 2 1 0 0\nend\n", "v2 1 0 1 0 0\n", "v1 1 0 1 0 0\nend\n",
        "v2 1 0 1 0 0\nspent 0 zz\nend\n", "v2 1 0 1 0 0\nsilent 0 1 2 3\nend\n",
        "v2 1 0 1 0 0\nspent 99\nend\n",
        "v2 1 0 9999999999999 0 0\nend\n", "v2 1 0 1 0 0\nsession x 5\nend\n",
        "v2 1 0 1 0 0\nhold x\nend\n", "v2 1 0 1 0 0\nlate 1\nend\n",
    ])
    func `A broken record is no record`(text: String) {
        #expect(QueueRecord(text: text) == nil)
    }

    @Test func `A line of a program to come is passed over`() {
        let record = QueueRecord(text: "v2 1 0 9 0 0\nanything -5 x\nhold 7\nend\n")
        #expect(record?.tail == 9 && record?.moment.holdUntil == 7)
    }
}
