import Testing

@testable import Gateway

/// A line that is there before anybody comes in, some of it from one place, in front of a room that empties steadily.
private struct CrowdedLine {
    struct Visitor {
        let position: Int64
        let isFromCrowd: Bool
        var isIn = false
        var isGone = false
    }

    private(set) var visitors: [Visitor] = []
    /// Who came in, in this order, and whether somebody of the others was waiting then.
    private(set) var entries: [(visitor: Visitor, othersWaited: Bool)] = []
    /// Moments at which a slot stood idle while somebody of the others waited.
    private(set) var idleMoments = 0
    private(set) var moments = 0
    private(set) var machine: WaitingRoomStateMachine
    private(set) var now: Int64 = 1_000_000
    private var inside: [(SessionID, until: Int64)] = []
    private let capacity: Int

    init(capacity: Int, percent: Int?, crowd: [Bool]) {
        var settings = WaitingRoomSettings(name: "test")
        settings.capacity = capacity
        settings.ratePerSecond = 1_000
        settings.burst = 100
        settings.sessionSeconds = 600
        settings.graceSeconds = 5
        settings.clientPercent = percent
        self.capacity = capacity
        machine = WaitingRoomStateMachine(rules: QueueRules(settings), epoch: 1)
        machine.configure(QueueRules(paused(settings)), now: now)
        for isFromCrowd in crowd {
            let position = machine.join(aliveUntil: now + 60_000, now: now) ?? 0
            visitors.append(Visitor(position: position, isFromCrowd: isFromCrowd))
        }
        machine.configure(QueueRules(settings), now: now)
    }

    private func paused(_ settings: WaitingRoomSettings) -> WaitingRoomSettings {
        var settings = settings
        settings.mode = .paused
        return settings
    }

    func origin(_ visitor: Visitor) -> CrowdOrigin {
        CrowdOrigin(client: visitor.isFromCrowd ? 7 : 1_000 + visitor.position)
    }

    /// Everybody asks each 100 ms; who is in stays for so long.
    mutating func play(milliseconds: Int64, stay: Int64) {
        for _ in 0..<(milliseconds / 100) {
            now += 100
            for (session, _) in inside.filter({ $0.until <= now }) {
                machine.leave(session, now: now)
            }
            inside.removeAll { $0.until <= now }
            machine.tick(now: now)
            for index in visitors.indices where !visitors[index].isIn && !visitors[index].isGone {
                ask(index, stay: stay)
            }
            let waiting = visitors.filter { !$0.isIn && !$0.isGone && !$0.isFromCrowd }
            moments += waiting.isEmpty ? 0 : 1
            idleMoments += !waiting.isEmpty && inside.count < capacity ? 1 : 0
        }
    }

    private mutating func ask(_ index: Int, stay: Int64) {
        let visitor = visitors[index]
        let session = SessionID(high: 3, low: UInt64(visitor.position))
        let othersWait = visitors.contains { !$0.isIn && !$0.isGone && !$0.isFromCrowd }
        switch machine.claim(
            visitor.position,
            session: session,
            aliveUntil: now + 2_000,
            origin: origin(visitor),
            now: now
        ) {
        case .admitted:
            visitors[index].isIn = true
            entries.append((visitor, othersWait))
            inside.append((session, now + stay))
        case .spent: visitors[index].isGone = true
        case .waiting, .later, .held: break
        }
    }
}

@Suite
struct CrowdCapsTests {
    /// Sixty of one place stand first, forty others behind them.
    private static let crowd =
        [Bool](repeating: true, count: 60) + [Bool](repeating: false, count: 40)

    @Test(arguments: [10, 20, 50])
    func `While others wait no more than the share comes in from one place, and nobody is lost`(
        percent: Int
    ) {
        var line = CrowdedLine(capacity: 5, percent: percent, crowd: Self.crowd)
        line.play(milliseconds: 60_000, stay: 1_000)
        let contested = line.entries.prefix { $0.othersWaited }.map(\.visitor)
        for length in contested.indices {
            let count = contested.prefix(length).count { $0.isFromCrowd }
            #expect(count <= length * percent / 100 + 1)
        }
        // Those whose turn came between two of their polls come in a little after it.
        for first in 0..<max(contested.count - 20, 0) {
            let count = contested[first..<first + 20].count { $0.isFromCrowd }
            #expect(count <= 20 * percent / 100 + 2)
        }
        let areAllIn = line.visitors.allSatisfy { $0.isIn }
        #expect(areAllIn)
        // Without a cap the first forty would all be of the crowd.
        let others = line.entries.prefix(40).count { !$0.visitor.isFromCrowd }
        #expect(others >= 40 * (95 - percent) / 100)
        for kind in [true, false] {
            let order = line.entries.map(\.visitor).filter { $0.isFromCrowd == kind }.map(
                \.position
            )
            #expect(order == order.sorted())
        }
        #expect(line.machine.snapshot.heldCount == 0)
        #expect(line.machine.figures.heldBack > 0)
    }

    @Test func `No slot stands idle for the sake of a share`() {
        var line = CrowdedLine(capacity: 5, percent: 5, crowd: Self.crowd)
        line.play(milliseconds: 60_000, stay: 1_000)
        #expect(line.moments > 50)
        // A slot that was left is free after its departure, with a cap or without.
        var free = CrowdedLine(capacity: 5, percent: nil, crowd: Self.crowd)
        free.play(milliseconds: 60_000, stay: 1_000)
        let share = Double(line.idleMoments) / Double(line.moments)
        let freeShare = Double(free.idleMoments) / Double(max(free.moments, 1))
        #expect(share <= freeShare + 0.05)
    }

    @Test func `Where nobody else waits, everybody of one place comes in at once`() {
        var line = CrowdedLine(
            capacity: 50,
            percent: 1,
            crowd: [Bool](repeating: true, count: 50)
        )
        line.play(milliseconds: 300, stay: 100_000)
        #expect(line.entries.count == 50)
        #expect(line.machine.figures.heldBack == 0)
    }

    @Test func `Who is held back waits for so many admissions, however long ago the turn came`() {
        var line = CrowdedLine(
            capacity: 1,
            percent: 10,
            crowd: [true, true] + Self.crowd.reversed()
        )
        line.play(milliseconds: 30_000, stay: 1_000)
        // The grace of five seconds has passed meanwhile.
        #expect(line.entries.map(\.visitor.position).firstIndex(of: 2) == 10)
    }

    @Test func `What is held back goes on after a restart, and is not called up twice`() throws {
        var line = CrowdedLine(capacity: 1, percent: 10, crowd: [true, true, true] + Self.crowd)
        line.play(milliseconds: 1_000, stay: 100_000)
        var machine = line.machine
        let record = try #require(QueueRecord(text: machine.wholeRecord.text))
        var next = WaitingRoomStateMachine(
            rules: machine.rules,
            record: record,
            gap: 0,
            now: line.now
        )
        #expect(next.snapshot.heldCount == machine.snapshot.heldCount)
        #expect(next.snapshot.figures == machine.snapshot.figures)
        for visitor in line.visitors.prefix(5) {
            let session = SessionID(high: 3, low: UInt64(visitor.position))
            func claim(_ machine: inout WaitingRoomStateMachine) -> QueueClaim {
                machine.claim(
                    visitor.position,
                    session: session,
                    aliveUntil: line.now + 5_000,
                    origin: line.origin(visitor),
                    now: line.now + 50
                )
            }
            let (after, before) = (claim(&next), claim(&machine))
            #expect(after == before)
        }
    }

    @Test func `A place that is held back can be given up, moved and called up before the line`() {
        var line = CrowdedLine(
            capacity: 1,
            percent: 1,
            crowd: [true, true, true, true] + Self.crowd
        )
        line.play(milliseconds: 8_000, stay: 1_000)
        var machine = line.machine
        let held = machine.snapshot.heldCount
        #expect(held >= 3)
        let isGivenUp = machine.giveUp(2, now: line.now)
        #expect(isGivenUp)
        #expect(machine.snapshot.heldCount == held - 1)
        let session = SessionID(high: 3, low: 2)
        let late = machine.claim(2, session: session, aliveUntil: line.now, now: line.now)
        #expect(late == .spent)
        let offer = QueueOffer(place: QueuePlace(epoch: 1, position: 3), isInvited: false, moves: 0)
        let isOffered = machine.offer(offer, code: "CODE", now: line.now)
        let moved = machine.redeem("CODE", now: line.now)
        let isInvited = machine.invite(4, invitation: "i", uses: 1, now: line.now)
        #expect(isOffered && moved?.moves == 1 && isInvited)
        #expect(machine.snapshot.heldCount == held - 2)
    }

    @Test func `A ticket that was used while caps were in force is spent when they are not`() {
        var line = CrowdedLine(
            capacity: 1,
            percent: 10,
            crowd: [true, true] + Self.crowd.reversed()
        )
        line.play(milliseconds: 3_000, stay: 1_000)
        var machine = line.machine
        #expect(machine.snapshot.heldCount > 0)
        var settings = WaitingRoomSettings(name: "test")
        settings.capacity = 100
        settings.ratePerSecond = 1_000
        settings.burst = 100
        settings.sessionSeconds = 1
        machine.configure(QueueRules(settings), now: line.now)
        func claim(_ now: Int64) -> QueueClaim {
            machine.claim(
                2,
                session: SessionID(high: 3, low: 2),
                aliveUntil: now + 2_000,
                origin: CrowdOrigin(client: 7),
                now: now
            )
        }
        let (first, second) = (claim(line.now), claim(line.now + 3_000))
        #expect(first == .admitted(untilMilliseconds: line.now + 1_000))
        #expect(second == .spent)
    }

    @Test(arguments: [
        CrowdOrigin(), CrowdOrigin(client: 5, fingerprint: 9), CrowdOrigin(client: 4),
    ])
    func `A claim says where it comes from to another process, too`(origin: CrowdOrigin) {
        var turn = QueueTurn(
            place: QueuePlace(epoch: 3, position: 8),
            session: SessionID(high: 1, low: 2),
            aliveUntil: 9_000
        )
        turn.origin = origin
        let question = QueueQuestion.claim(turn)
        #expect(QueueQuestion(text: question.text[...]) == question)
        #expect(QueueClaim(QueueClaim.held(admissions: 7).numbers) == .held(admissions: 7))
    }

    @Test func `A held visitor is told so, and its polls ask nobody`() async {
        let scene = RoomScene { settings in
            settings.capacity = 1
            settings.clientPercent = 10
        }
        var first = SceneVisitor(client: "a")
        #expect(await first.visit(scene.room).isProxied)
        var (second, third) = (SceneVisitor(client: "a"), SceneVisitor(client: "b"))
        #expect(await second.visit(scene.room).waitingRoom.contains("ticket=2, ahead=0"))
        #expect(await third.visit(scene.room).waitingRoom.contains("ticket=3, ahead=1"))
        #expect(await first.leave(scene.room).status == 204)
        await scene.pass(milliseconds: 300)
        let told = await second.poll(scene.room)
        #expect(told.waitingRoom.contains("state=queued, ticket=2, ahead=0"))
        #expect(told.body.contains("\"reason\":\"held-back\""))
        #expect(told.body.contains(WaitingLanguage.english[.heldText]))
        let page = await {
            var visitor = second
            visitor.prefersJSON = false
            return await visitor.visit(scene.room).body
        }()
        #expect(page.contains("data-scene=\"held\""))
        #expect(await third.visit(scene.room).isProxied)
        #expect(await second.poll(scene.room).waitingRoom.contains("ticket=2, ahead=0"))
        #expect(await third.leave(scene.room).status == 204)
        await scene.pass(milliseconds: 300)
        // Nobody else waits: nothing is gained by waiting on.
        #expect(await second.visit(scene.room).isProxied)
    }
}
