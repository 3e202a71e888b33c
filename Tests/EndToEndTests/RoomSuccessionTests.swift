import Foundation
import Glibc
import Support
import Synchronization
import Testing

extension Stories {
    /// A room that lives in the gateway's own process, while a new program takes over from the old one.
    @Suite(.haniel)
    struct RoomSuccessionTests {
        @Test
        func `A room passes to the new program with its places, its guests and its next number`()
            throws
        {
            let witness = try RoomWitness(capacity: 2)
            let gateway = try Self.gateway(witness, drain: 60)
            let inside = try (0..<2).map { _ in try RoomGuest(gateway, witness) }
            for guest in inside { #expect(try guest.come()) }
            let waiting = try (0..<4).map { _ in try RoomGuest(gateway, witness) }
            for guest in waiting { #expect(try !guest.come()) }
            // Connected before, and silent until the old program has no room any more.
            let newcomers = try (0..<3).map { _ in try RoomGuest(gateway, witness) }
            for guest in newcomers { try guest.connect() }

            let successor = try Self.upgrade(gateway)
            defer { kill(successor, SIGTERM) }
            for guest in inside { #expect(try guest.shop()) }
            #expect(try !newcomers[0].come())
            #expect(try RoomGuest(gateway, witness).come() == false)
            #expect(try !newcomers[1].come())
            #expect(newcomers.prefix(2).map(\.ticket) == [7, 9])
            for (index, guest) in waiting.enumerated() {
                #expect(try !guest.poll())
                #expect(guest.ticket == index + 3)
                #expect(guest.ahead == index)
            }
            // What the old program's last connection says counts at the new one.
            try inside[0].leave()
            #expect(try eventually { try waiting[0].poll() })
            for guest in waiting.dropFirst() { #expect(try !guest.poll()) }
            #expect(witness.excess == 0)
        }

        @Test func `Nobody is lost, overtaken or let in too many while programs follow each other`()
            throws
        {
            let witness = try RoomWitness(capacity: 4)
            let gateway = try Self.gateway(witness)
            let crowd = try (0..<60).map { _ in try RoomGuest(gateway, witness) }
            let done = DispatchGroup()
            for (index, guest) in crowd.enumerated() {
                done.enter()
                Thread.detachNewThread {
                    defer { done.leave() }
                    pause(.milliseconds(index * 50))
                    guest.visit()
                }
            }
            #expect(eventually { witness.requests >= 12 }, "some were inside")
            let second = try Self.upgrade(gateway)
            defer { kill(second, SIGTERM) }
            let before = witness.requests
            #expect(eventually { witness.requests >= before + 12 }, "some come in by the second")
            kill(second, SIGUSR2)
            let third = try Self.successor(of: second)
            defer { if let third { kill(third, SIGTERM) } }
            #expect(third != nil)
            #expect(done.wait(timeout: .now() + 60) == .success)

            #expect(crowd.flatMap(\.complaints) == [])
            #expect(crowd.allSatisfy { $0.enteredAt != nil }, "everybody gets in")
            let tickets = crowd.map(\.ticket).filter { $0 > 0 }
            #expect(tickets.count > 40, "most have to wait")
            #expect(Set(tickets).count == tickets.count, "no number is given twice")
            #expect(witness.excess == 0, "never too many inside")
            #expect(Self.overtaken(crowd) == [])
        }

        /// Those who were told to wait after somebody was in who came once they had a place.
        private static func overtaken(_ crowd: [RoomGuest]) -> [String] {
            crowd.flatMap { guest in
                crowd.compactMap { later in
                    guard let answered = guest.answeredAt, let came = later.cameAt,
                        let entered = later.enteredAt, answered < came,
                        guest.toldToWaitAt.contains(where: { $0 > entered })
                    else { return nil }
                    return "\(guest.ticket) by \(later.ticket)"
                }
            }
        }

        private static func gateway(_ witness: RoomWitness, drain: Int = 5) throws -> GatewayProcess {
            try GatewayProcess(
                origin: witness.origin,
                further: """
                    rooms:
                      - {name: onsale, paths: ["/sale/*"], capacity: \(witness.capacity), rate: "100/s", session: 60s}
                    timeouts: {drain: \(drain)s}
                    """
            )
        }

        /// Starts a successor and waits until the room is there.
        private static func upgrade(_ gateway: GatewayProcess) throws -> pid_t {
            gateway.process.send(SIGUSR2)
            let successor = try successor(of: gateway.process.processID)
            #expect(gateway.logs("output", "stopping"))
            return try #require(successor, "\(gateway.folder.read("output"))")
        }

        private static func successor(of process: pid_t) throws -> pid_t? {
            var found: pid_t?
            _ = eventually {
                let path = "/proc/\(process)/task/\(process)/children"
                let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
                found = text.split(separator: " ").compactMap { pid_t($0) }.first
                return found != nil
            }
            return found
        }
    }
}

/// A shop that counts who is inside by what it hears itself.
private final class RoomWitness: Sendable {
    let capacity: Int
    let origin: TestOrigin
    private let state: State

    private final class State: Sendable {
        let inside = Mutex<Set<String>>([])
        let excess = Atomic<Int>(0)
        let requests = Atomic<Int>(0)
    }

    init(capacity: Int) throws {
        self.capacity = capacity
        let state = State()
        self.state = state
        origin = try TestOrigin { request, connection in
            state.requests.add(1, ordering: .relaxed)
            let guest = request["x-guest"] ?? "?"
            let count = state.inside.withLock { inside in
                if request.target.hasSuffix("/done") {
                    inside.remove(guest)
                } else if request.target.hasPrefix("/sale/") {
                    inside.insert(guest)
                }
                return inside.count
            }
            if count > capacity { state.excess.add(1, ordering: .relaxed) }
            let isLast = request.target.hasSuffix("/done")
            try connection.respond(200, isLast ? [("Waiting-Room-Command", "revoke")] : [])
        }
    }

    var requests: Int { state.requests.load(ordering: .relaxed) }
    /// Requests that came when too many were inside.
    var excess: Int { state.excess.load(ordering: .relaxed) }
}

/// A visitor with one connection, kept while it lasts, and a cookie jar.
///
/// Unchecked: used by one thread at a time, by its own, and by the test when that one has ended.
private final class RoomGuest: @unchecked Sendable {
    private let name = UUID().uuidString
    private let gateway: GatewayProcess
    private var wire: Wire?
    private var cookies: [String: String] = [:]
    private(set) var ticket = 0
    private(set) var ahead = Int.max
    private(set) var cameAt: ContinuousClock.Instant?
    private(set) var answeredAt: ContinuousClock.Instant?
    private(set) var enteredAt: ContinuousClock.Instant?
    private(set) var toldToWaitAt: [ContinuousClock.Instant] = []
    private(set) var complaints: [String] = []

    init(_ gateway: GatewayProcess, _ witness: RoomWitness) throws { self.gateway = gateway }

    /// Opens the connection before there is anything to ask.
    func connect() throws {
        let wire = try gateway.connect()
        try wire.send(GatewayProcess.get("/"))
        _ = try wire.receiveResponse()
        self.wire = wire
    }

    /// The first request of a visit; whether it was let in.
    func come() throws -> Bool {
        cameAt = .now
        let answer = try ask("/sale/")
        answeredAt = .now
        return hear(answer)
    }

    func poll() throws -> Bool { hear(try ask("/.wr/status")) }

    func shop() throws -> Bool { try ask("/sale/seat").status == 200 }

    func leave() throws { _ = try ask("/sale/done") }

    /// A whole visit.
    func visit() {
        do {
            var isIn = try come()
            let deadline = Deadline(within: .seconds(45))
            while !isIn, !deadline.hasPassed {
                pause(.milliseconds(300))
                isIn = try poll()
            }
            for _ in 0..<2 {
                pause(.milliseconds(60))
                if try !shop() { complaints.append("\(ticket) was thrown out") }
            }
            try leave()
        } catch {
            complaints.append("\(ticket): \(error)")
        }
    }

    private func hear(_ answer: WireMessage) -> Bool {
        let told = answer["waiting-room"] ?? ""
        if told.isEmpty ? answer.status == 200 : told.hasPrefix("state=admitted") {
            enteredAt = enteredAt ?? .now
            return true
        }
        guard let number = Self.number("ticket", in: told),
            let before = Self.number("ahead", in: told)
        else {
            complaints.append("\(ticket) was told \(answer.status) \(told)")
            return false
        }
        if ticket != 0, ticket != number { complaints.append("\(ticket) became \(number)") }
        if before > ahead { complaints.append("\(ticket): \(ahead) ahead became \(before)") }
        (ticket, ahead) = (number, before)
        toldToWaitAt.append(.now)
        return false
    }

    private static func number(_ key: String, in field: String) -> Int? {
        field.components(separatedBy: ", ").first { $0.hasPrefix(key + "=") }
            .flatMap { Int($0.dropFirst(key.count + 1)) }
    }

    private func ask(_ target: String) throws -> WireMessage {
        let pairs = cookies.map { "\($0)=\($1)" }.joined(separator: "; ")
        let fields = ["X-Guest: \(name)"] + (pairs.isEmpty ? [] : ["Cookie: \(pairs)"])
        let wire = try self.wire ?? gateway.connect()
        self.wire = wire
        try wire.send(GatewayProcess.get(target, fields))
        let answer = try wire.receiveResponse()
        if answer.announcesClose { self.wire = nil }
        for cookie in answer.values(of: "set-cookie") {
            let pair = cookie.prefix { $0 != ";" }.split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            if pair.count == 2 {
                cookies[String(pair[0])] = pair[1].isEmpty ? nil : String(pair[1])
            }
        }
        return answer
    }
}
