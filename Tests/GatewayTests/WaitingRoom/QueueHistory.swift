@testable import Gateway

/// A crowd in front of a queue, with its own books: what it counts does not come from the machine.
struct QueueHistory {
    enum Habit: CaseIterable {
        /// Polls as told, comes in, makes a few requests, falls silent.
        case honest
        /// Like an honest one, and says goodbye.
        case leaver
        /// Never comes back after the first answer.
        case ghost
        /// Polls as told for a while, then is gone.
        case vanisher
        /// Misses polls for up to a minute, then comes back.
        case sleeper
    }

    struct Visitor {
        let habit: Habit
        let session: SessionID
        var position: Int64 = 0
        var nextActionAt: Int64
        var pollMilliseconds: Int64 = 1_000
        var ahead: Int64 = .max
        var admittedAt: Int64?
        var insideUntil: Int64 = 0
        var requestsLeft: Int
        var pollsLeft: Int
        var isDone = false
    }

    private(set) var visitors: [Visitor] = []
    private(set) var admissions: [Int64] = []
    private(set) var violations: [String] = []
    private(set) var insideHighest = 0
    /// Slots in use and slots there were, summed over the moments in which somebody alive waited.
    private(set) var usedSlots = 0
    private(set) var offeredSlots = 0
    private var highestAdmitted: Int64 = 0
    private var random: SeededGenerator
    private var machine: WaitingRoomStateMachine
    private let rules: QueueRules
    /// Places that one second of poll interval stands for; nil for intervals of 1 to 5 s at random.
    private let placesPerPollSecond: Int64?
    private(set) var now: Int64 = 1_795_000_000_000

    init(rules: QueueRules, seed: UInt64, placesPerPollSecond: Int64? = nil) {
        self.rules = rules
        self.placesPerPollSecond = placesPerPollSecond
        random = SeededGenerator(seed: seed)
        machine = WaitingRoomStateMachine(rules: rules, epoch: 1)
    }

    /// Plays arrivals for so many steps of 100 ms, then goes on until nobody has anything left to do.
    mutating func play(steps: Int, arrivalsPerStep: UInt64, habits: [Habit]) {
        for step in 0..<(steps + 100_000) {
            now += 100
            if step < steps {
                for _ in 0..<random.next(below: arrivalsPerStep + 1) { arrive(habits: habits) }
            } else if visitors.allSatisfy(\.isDone) {
                return
            }
            if random.next(below: 3) > 0 { machine.tick(now: now) }
            for index in visitors.indices
            where !visitors[index].isDone && visitors[index].nextActionAt <= now {
                act(index)
            }
            count()
        }
        violations.append("somebody was never done")
    }

    private mutating func arrive(habits: [Habit]) {
        let habit = habits[Int(random.next(below: UInt64(habits.count)))]
        var visitor = Visitor(
            habit: habit,
            session: SessionID(high: 7, low: UInt64(visitors.count)),
            nextActionAt: now,
            requestsLeft: Int(random.next(below: 4)),
            pollsLeft: Int(random.next(below: 6))
        )
        guard let position = machine.join(aliveUntil: aliveUntil(visitor), now: now) else {
            return violations.append("the line was full")
        }
        if let last = visitors.last, last.position >= position { violations.append("numbers fell") }
        visitor.position = position
        visitors.append(visitor)
        if habit == .ghost {
            visitors[visitors.count - 1].isDone = true
        } else {
            act(visitors.count - 1)
        }
    }

    private mutating func act(_ index: Int) {
        if visitors[index].admittedAt == nil { poll(index) } else { visit(index) }
    }

    private mutating func poll(_ index: Int) {
        var visitor = visitors[index]
        visitor.pollMilliseconds = pollMilliseconds(of: visitor.position)
        let until = aliveUntil(visitor)
        switch machine.claim(
            visitor.position,
            session: visitor.session,
            aliveUntil: until,
            now: now
        ) {
        case .admitted: admit(&visitor)
        case .later(let milliseconds): visitor.nextActionAt = now + milliseconds
        case .waiting, .held: wait(&visitor)
        case .spent:
            violations.append("a place was lost by a \(visitor.habit)")
            visitor.isDone = true
        }
        visitors[index] = visitor
        // A lost answer, a double click: the same claim again.
        if visitor.admittedAt != nil, random.next(below: 3) == 0 {
            let again = machine.claim(
                visitor.position,
                session: visitor.session,
                aliveUntil: until,
                now: now
            )
            if case .admitted = again {} else { violations.append("a repeated claim was refused") }
        }
    }

    private mutating func admit(_ visitor: inout Visitor) {
        visitor.admittedAt = now
        visitor.insideUntil = now + rules.sessionMilliseconds
        visitor.nextActionAt =
            now + Int64(random.next(below: UInt64(rules.sessionMilliseconds - 500)))
        admissions.append(now)
        highestAdmitted = max(highestAdmitted, visitor.position)
    }

    private mutating func wait(_ visitor: inout Visitor) {
        let ahead = max(0, visitor.position - machine.snapshot.serving - 1)
        if ahead > visitor.ahead { violations.append("ahead grew") }
        visitor.ahead = ahead
        if visitor.habit != .sleeper, highestAdmitted > visitor.position {
            violations.append("somebody was overtaken")
        }
        visitor.pollsLeft -= 1
        let jitter = Int64(random.next(below: 200)) - 100
        visitor.nextActionAt = now + visitor.pollMilliseconds + jitter
        // The room holds the polls of those who are next until their turn comes.
        if placesPerPollSecond != nil, ahead < 16 { visitor.nextActionAt = now + 100 }
        if visitor.habit == .sleeper, visitor.pollsLeft % 3 == 0 {
            visitor.nextActionAt += Int64(random.next(below: 60_000))
        }
        if visitor.habit == .vanisher, visitor.pollsLeft < 0 { visitor.isDone = true }
    }

    private mutating func visit(_ index: Int) {
        var visitor = visitors[index]
        if visitor.requestsLeft == 0 {
            visitor.isDone = true
            if visitor.habit == .leaver { leave(&visitor) }
        } else if machine.renew(visitor.session, now: now) == nil {
            violations.append("somebody inside was thrown out")
            visitor.isDone = true
        } else {
            visitor.requestsLeft -= 1
            visitor.insideUntil = now + rules.sessionMilliseconds
            visitor.nextActionAt =
                now + Int64(random.next(below: UInt64(rules.sessionMilliseconds - 500)))
        }
        visitors[index] = visitor
    }

    private mutating func leave(_ visitor: inout Visitor) {
        machine.leave(visitor.session, now: now)
        visitor.insideUntil = now
        let again = machine.claim(
            visitor.position,
            session: visitor.session,
            aliveUntil: now + 9_000,
            now: now
        )
        if again != .spent { violations.append("a used ticket worked again") }
        if machine.renew(visitor.session, now: now) != nil {
            violations.append("a session that left went on")
        }
    }

    private mutating func count() {
        let inside = visitors.count { $0.admittedAt != nil && $0.insideUntil > now }
        insideHighest = max(insideHighest, inside)
        if inside > Int(rules.capacity) { violations.append("\(inside) inside") }
        guard
            visitors.contains(where: { $0.admittedAt == nil && !$0.isDone && $0.habit != .sleeper })
        else { return }
        usedSlots += inside
        offeredSlots += Int(rules.capacity)
    }

    private mutating func pollMilliseconds(of position: Int64) -> Int64 {
        guard let placesPerPollSecond else { return 1_000 * Int64(1 + random.next(below: 5)) }
        return 1_000 * min(max((position - machine.snapshot.serving) / placesPerPollSecond, 1), 30)
    }

    private func aliveUntil(_ visitor: Visitor) -> Int64 {
        now + 2 * visitor.pollMilliseconds + 500
    }
}
