import Redis
import Testing

@testable import Gateway

/// Plays one random history to the state machine and to the functions in a real Redis, with one clock for both.
private struct Replay {
    private let redis: RedisServer
    private var machine: WaitingRoomStateMachine
    private var rules: QueueRules
    private var random: SeededGenerator
    private var now: Int64 = 1_795_000_000_000
    private let epoch: Int64 = 1_795_000_000
    /// Of a caller that remembers nothing but the room.
    private static let header = ["1795000000", "0", "1", "0", "0"]
    private var sessions: [Int64: SessionID] = [:]
    private var codes: [String] = []
    /// How often something was answered with yes.
    private(set) var agreements: [String: Int] = [:]
    private(set) var differences: [String] = []
    private(set) var claims: [Int64: Int] = [:]

    init(redis: RedisServer, rules: QueueRules, seed: UInt64) async throws {
        self.redis = redis
        self.rules = rules
        random = SeededGenerator(seed: seed)
        machine = WaitingRoomStateMachine(rules: rules, epoch: 1_795_000_000)
        let clock = "local function clock() return tonumber(redis.call('GET', 'clock')) end\n"
        let library = RedisQueueFunctions.library(clock: clock)
        _ = try await redis.command(
            ["FUNCTION", "LOAD", "REPLACE"].map { Array($0.utf8) } + [library]
        )
        _ = redis.command("SET", "clock", "\(now)")
        let memory = ["1"] + [String](repeating: "0", count: 11) + ["", "0", ""]
        let arguments = memory + Self.numbers(rules).map { "\($0)" }
        #expect(call("open", arguments, isKnowing: false) == .integer(epoch))
    }

    private static func numbers(_ rules: QueueRules) -> [Int64] {
        [
            rules.capacity, rules.unitsPerMillisecond, rules.burst, rules.sessionMilliseconds,
            rules.graceMilliseconds, rules.queueLimit, 1, rules.departureMilliseconds,
            rules.reservationMilliseconds, rules.retryMilliseconds, rules.passLimit,
            rules.leaseMilliseconds, 0,
            // Here the clock jumps, and that is no outage.
            1_000_000_000, rules.clientInterval, rules.fingerprintInterval,
        ]
    }

    mutating func play(steps: Int) {
        for step in 0..<steps where differences.isEmpty {
            now += Int64(random.next(below: random.next(below: 50) == 0 ? 20_000 : 150))
            _ = redis.command("SET", "clock", "\(now)")
            let action = act()
            compare("\(step) \(action)")
        }
    }

    private mutating func act() -> String {
        let choice = random.next(below: 26)
        switch choice {
        case 0..<4 where !machine.isRegistering:
            return join(count: Int64(1 + random.next(below: 3)))
        case 4..<13: return claim(anyPosition())
        case 13: return mark(anyPosition())
        case 14: return leave(anyPosition())
        case 15: return renew(anyPosition())
        case 16 where random.next(below: 4) == 0: return giveUp(anyPosition())
        case 17, 18: return offer(anyPosition())
        case 19: return redeem()
        case 20: return invite(anyPosition())
        case 21 where machine.isRegistering || random.next(below: 8) == 0: return register()
        case 22 where machine.isRegistering: return configure()
        default:
            machine.tick(now: now)
            expect(Self.head(call("tick")), is: (0, 0), "tick")
            return "tick"
        }
    }

    private mutating func join(count: Int64) -> String {
        let until = now + Int64(random.next(below: 8_000))
        let positions = (0..<count).compactMap { _ in machine.join(aliveUntil: until, now: now) }
        let reply = call("join", ["\(count)", "\(until)"])
        expect(reply, is: (Int64(positions.count), positions.first), "join")
        for position in positions { sessions[position] = SessionID(high: 5, low: UInt64(position)) }
        return "join \(count)"
    }

    private mutating func register() -> String {
        let (opensAt, key) = (now + Int64(random.next(below: 3_000)), Int64(random.next(below: 9)))
        let registered = machine.register(opensAt: opensAt, key: key, now: now)
        let reply = call("register", ["1", "\(opensAt)", "\(key)", ""])
        let code = registered == nil ? -2 : agreed("register", true)
        expect(reply, is: (code, registered?.count ?? 0), "register")
        return "register \(opensAt)"
    }

    /// Puts the opening off or brings it forward.
    private mutating func configure() -> String {
        rules.drawsMilliseconds = now + Int64(random.next(below: 3_000)) - 500
        machine.configure(rules, now: now)
        let numbers = Self.numbers(rules) + [rules.drawsMilliseconds]
        expect(call("configure", numbers.map { "\($0)" }), is: (0, 0), "configure")
        _ = agreed("configure", true)
        return "configure \(rules.drawsMilliseconds)"
    }

    private mutating func claim(_ position: Int64) -> String {
        let until = now + Int64(1_000 + random.next(below: 8_000))
        let session = sessions[position] ?? SessionID(high: 6, low: 0)
        let moves = anyMoves()
        // Half of the crowd from two places, the others each from their own.
        let isAlone = position % 2 == 0 || random.next(below: 50) == 0
        let origin = CrowdOrigin(
            client: isAlone ? 1_000 + position : 1 + position / 2 % 2,
            fingerprint: position % 3
        )
        let words = [
            "\(position)", session.text, "\(until)", "\(epoch)", "", "\(moves)",
            "\(origin.client)", "\(origin.fingerprint)",
        ]
        let reply = call("claim", words)
        switch machine.claim(
            position,
            session: session,
            aliveUntil: until,
            moves: moves,
            origin: origin,
            now: now
        ) {
        case .admitted(let ending): expect(reply, is: (1, ending), "claim")
        case .waiting: expect(reply, is: (0, 0), "claim")
        case .later(let milliseconds): expect(reply, is: (2, milliseconds), "claim")
        case .spent: expect(reply, is: (3, 0), "claim")
        case .held(let admissions): expect(reply, is: (4, admissions), "claim")
        }
        return "claim \(position)"
    }

    private mutating func mark(_ position: Int64) -> String {
        let until = now + Int64(random.next(below: 20_000))
        machine.mark(position, aliveUntil: until)
        let packed = RedisQueueStore.packed([(max(position, 0), until)])
        let words = ["FCALL", "haniel_room_v3_alive", "1", "wr:{replay}:st"] + Self.header
        expect(redis.exchange(words.map { Array($0.utf8) } + [packed]), is: (0, 0), "alive")
        return "mark \(position)"
    }

    private mutating func leave(_ position: Int64) -> String {
        let session = sessions[position] ?? SessionID(high: 6, low: 0)
        machine.leave(session, now: now)
        expect(call("leave", [session.text]), is: (0, 0), "leave")
        return "leave \(position)"
    }

    private mutating func renew(_ position: Int64) -> String {
        let session = sessions[position] ?? SessionID(high: 6, low: 0)
        let ending = machine.renew(session, now: now) ?? 0
        guard case .array(let parts) = call("renew", ["1", session.text]), parts.count == 2,
            parts[1] == .array([.integer(ending)])
        else {
            differences.append("renew \(position): not \(ending)")
            return "renew"
        }
        return "renew \(position)"
    }

    private mutating func giveUp(_ position: Int64) -> String {
        let moves = anyMoves()
        let isGivenUp = machine.giveUp(position, moves: moves, now: now)
        let reply = call("give_up", ["\(position)", "\(moves)"])
        expect(reply, is: (agreed("give up", isGivenUp), 0), "give up")
        return "give up \(position)"
    }

    private mutating func offer(_ position: Int64) -> String {
        let offer = QueueOffer(
            place: QueuePlace(epoch: epoch, position: position),
            isInvited: random.next(below: 2) == 0,
            moves: anyMoves()
        )
        let code = "CODE\(random.next(below: 1_000))"
        codes.append(code)
        let isOffered = machine.offer(offer, code: code, now: now)
        let words = [
            "\(position)", offer.isInvited ? "1" : "0", "\(offer.moves)", code,
            "\(QueueOffer.milliseconds)",
        ]
        expect(call("offer", words), is: (agreed("offer", isOffered), 0), "offer")
        return "offer \(position) \(offer.moves) \(code)"
    }

    private mutating func redeem() -> String {
        let recent = codes.suffix(6)
        let code =
            recent.isEmpty ? "NONE" : Array(recent)[Int(random.next(below: UInt64(recent.count)))]
        let offer = machine.redeem(code, now: now)
        let reply = call("redeem", [code])
        expect(
            Self.head(reply),
            is: (agreed("redeem", offer != nil), offer?.place.position ?? 0),
            "redeem"
        )
        let told: [RESPValue] =
            offer.map { [.integer($0.isInvited ? 1 : 0), .integer($0.moves)] } ?? []
        if reply.array?.last != .array(told) {
            differences.append("redeem \(code): \(reply), not \(told)")
        }
        return "redeem \(code)"
    }

    private mutating func invite(_ position: Int64) -> String {
        let (moves, name) = (anyMoves(), "i\(random.next(below: 400))")
        let isTaken = machine.invite(position, moves: moves, invitation: name, uses: 1, now: now)
        let reply = call("invite", ["\(position)", name, "1", "\(moves)"])
        expect(reply, is: (agreed("invite", isTaken), 0), "invite")
        return "invite \(position) \(moves) \(name)"
    }

    /// Mostly what a ticket says that was never moved.
    private mutating func anyMoves() -> Int64 {
        random.next(below: 4) == 0 ? Int64(random.next(below: 3)) : 0
    }

    private mutating func agreed(_ name: String, _ isSo: Bool) -> Int64 {
        if isSo { agreements[name, default: 0] += 1 }
        return isSo ? 1 : 0
    }

    private mutating func compare(_ action: String) {
        guard let reply = RedisQueueReply(Self.head(call("tick"))) else {
            differences.append("\(action): no answer")
            return
        }
        machine.tick(now: now)
        var known = machine.snapshot
        // A tick that has nothing to do does not count who did not come.
        known.figures.noShows = reply.snapshot.figures.noShows
        if reply.snapshot.serving != known.serving || reply.snapshot.tail != known.tail
            || reply.snapshot.figures != known.figures || reply.snapshot.draw != known.draw
            || reply.snapshot.registration != known.registration
        {
            differences.append("after \(action): \(reply.snapshot) in Redis, \(known) here")
        }
    }

    private mutating func anyPosition() -> Int64 {
        let tail = machine.snapshot.tail
        let serving = machine.snapshot.serving
        switch random.next(below: 10) {
        case 0: return Int64(random.next(below: UInt64(tail + 3)))
        case 1..<6: return max(0, serving - Int64(random.next(below: 6)))
        default: return serving + 1 + Int64(random.next(below: 4))
        }
    }

    private mutating func expect(_ reply: RESPValue, is expected: (Int64, Int64?), _ name: String) {
        guard let reply = RedisQueueReply(reply) else {
            differences.append("\(name): \(reply)")
            return
        }
        if name == "claim" { claims[reply.code, default: 0] += 1 }
        if reply.code != expected.0 || (expected.1 != nil && reply.value != expected.1) {
            differences.append("\(name): \(reply.code) \(reply.value) in Redis, \(expected) here")
        }
    }

    /// The state in an answer that says more.
    private static func head(_ reply: RESPValue) -> RESPValue { reply.array?.first ?? reply }

    private func call(_ name: String, _ arguments: [String] = [], isKnowing: Bool = true)
        -> RESPValue
    {
        let known = isKnowing ? Self.header : []
        return redis.exchange(
            ["FCALL", "haniel_room_v3_\(name)", "1", "wr:{replay}:st"] + known + arguments
        )
    }
}

struct ReplayRow: CustomTestStringConvertible, Sendable {
    let seed: UInt64
    let capacity: Int
    let rate: Double
    let burst: Int
    var percents: (client: Int?, fingerprint: Int?) = (nil, nil)

    var testDescription: String { "seed \(seed): \(capacity) slots, \(rate)/s, burst \(burst)" }
}

@Suite(.serialized, .enabled(if: RedisServer.isInstalled, "redis-server is not installed"))
struct RedisQueueReplayTests {
    @Test(
        arguments: [
            ReplayRow(seed: 31, capacity: 3, rate: 1_000, burst: 50),
            ReplayRow(seed: 32, capacity: 1, rate: 2, burst: 1),
            ReplayRow(seed: 33, capacity: 10, rate: 1.5, burst: 3),
            ReplayRow(seed: 34, capacity: 6, rate: 20, burst: 2),
            ReplayRow(seed: 35, capacity: 6, rate: 1_000, burst: 50, percents: (10, nil)),
            ReplayRow(seed: 36, capacity: 4, rate: 3, burst: 2, percents: (25, 40)),
            ReplayRow(seed: 37, capacity: 2, rate: 1_000, burst: 50, percents: (nil, 5)),
        ]
    )
    func `The functions and the machine agree on every step of a random history`(row: ReplayRow)
        async throws
    {
        var settings = WaitingRoomSettings(name: "replay")
        settings.capacity = row.capacity
        settings.ratePerSecond = row.rate
        settings.burst = row.burst
        settings.sessionSeconds = 5
        settings.graceSeconds = 30
        settings.clientPercent = row.percents.client
        settings.fingerprintPercent = row.percents.fingerprint
        let redis = try #require(RedisServer())
        var replay = try await Replay(redis: redis, rules: QueueRules(settings), seed: row.seed)
        replay.play(steps: 3_000)
        #expect(replay.differences == [])
        #expect((replay.claims[1] ?? 0) > 50)
        #expect((replay.claims[0] ?? 0) > 100)
        #expect((replay.claims[3] ?? 0) > 100)
        #expect((replay.claims[4] ?? 0) > (QueueRules(settings).hasCaps ? 10 : -1))
        for name in ["offer", "redeem", "invite", "give up", "register", "configure"] {
            #expect((replay.agreements[name] ?? 0) > 1, "\(name): \(replay.agreements)")
        }
    }
}
