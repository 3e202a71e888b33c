import Synchronization
import Testing
import Transport

@testable import Gateway

/// What a status or a page says of the work that is wanted.
private func asked(_ text: String) -> ProofOfWork? {
    guard let start = text.firstRange(of: "\"puzzle\":\""),
        let bits = text.firstRange(of: "\"difficulty\":"),
        let puzzle = Base64URL.decode(Array(text[start.upperBound...].prefix { $0 != "\"" }.utf8)),
        let count = Int(text[bits.upperBound...].prefix { $0.isNumber })
    else { return nil }
    return ProofOfWork(puzzle: puzzle, bits: count)
}

private func solution(_ work: ProofOfWork) -> String {
    var number = 0
    while !work.isSolved(by: "\(number)") { number += 1 }
    return "\(number)"
}

private func scene(bits: Int = 8) -> RoomScene {
    RoomScene { settings in
        settings.capacity = 1
        settings.graceSeconds = 60
        settings.proof = ProofOfWork.Settings(leastBits: bits, mostBits: 12, holdSeconds: 30)
    }
}

extension SceneVisitor {
    fileprivate mutating func prove(_ number: String, _ room: WaitingRoom) async -> SceneAnswer {
        receive(await room.proof(request(), nonce: number))
    }

    fileprivate mutating func answer(
        _ room: WaitingRoom,
        token: String? = nil,
        _ answer: String? = nil
    )
        async -> SceneAnswer
    {
        var asking = self
        asking.prefersJSON = false
        return receive(await room.question(asking.request(), token: token, answer: answer))
    }
}

@Suite
struct ProofOfWorkTests {
    @Test func `Who does the work while waiting comes in when the turn comes`() async throws {
        let scene = scene()
        var (first, second) = (SceneVisitor(), SceneVisitor())
        let entered = await first.visit(scene.room)
        #expect(entered.isProxied, "who need not wait is asked for nothing")
        let told = await second.visit(scene.room)
        #expect(told.status == 503)
        #expect(told.body.contains("\"algorithm\":\"sha256\""))
        #expect(told.body.contains("\"post\":\"/.wr/proof?room=onsale\""))
        let work = try #require(asked(told.body))
        #expect(work.bits == 8)
        let place = second.place
        let proven = await second.prove(solution(work), scene.room)
        #expect(proven.status == 200)
        #expect(proven.waitingRoom.contains("state=queued, ticket=2, ahead=0"))
        #expect(!proven.body.contains("challenge"))
        #expect(second.place != place)
        _ = await first.leave(scene.room)
        await scene.pass(milliseconds: 300)
        #expect(await second.visit(scene.room).isProxied)
        #expect(scene.room.figures.proofs.load(ordering: .relaxed) == 1)
    }

    @Test func `Without the work the turn is not taken, costs no slot, and is there for the proof`()
        async throws
    {
        let scene = scene()
        var (first, second, third) = (SceneVisitor(), SceneVisitor(), SceneVisitor())
        _ = await first.visit(scene.room)
        let bodies = [await second.visit(scene.room).body, await third.visit(scene.room).body]
        let work = try #require(asked(bodies[0]))
        let others = try #require(asked(bodies[1]))
        _ = await third.prove(solution(others), scene.room)
        await scene.pass(milliseconds: 15_000)
        // The session of the first is over; the third came in past the second, which nobody had seen.
        #expect(await third.visit(scene.room).isProxied)
        let told = await second.poll(scene.room)
        #expect(told.status == 200)
        #expect(told.waitingRoom.hasPrefix("state=challenge, ticket=2, ahead=0, poll="))
        #expect(told.body.contains(WaitingLanguage.english[.challengeText]))
        let visit = await second.visit(scene.room)
        #expect(visit.status == 403)
        #expect(visit.waitingRoom.hasPrefix("state=challenge"))
        second.prefersJSON = false
        let page = await second.visit(scene.room)
        #expect(page.status == 403)
        #expect(page.body.contains("data-scene=\"challenge\""))
        #expect(page.body.contains("<p class=\"move\"><a href=\"/.wr/proof?room=onsale\">"))
        #expect(!page.body.contains("<noscript><p class=\"move\">"))
        _ = await second.prove(solution(work), scene.room)
        var fourth = SceneVisitor()
        _ = await fourth.visit(scene.room)
        _ = await third.leave(scene.room)
        await scene.pass(milliseconds: 300)
        #expect(await fourth.poll(scene.room).waitingRoom.contains("state=queued"))
        #expect(await second.visit(scene.room).isProxied)
    }

    @Test func `What is wrong, or was done for another ticket, proves nothing`() async throws {
        let scene = scene(bits: 12)
        var (first, second, third) = (SceneVisitor(), SceneVisitor(), SceneVisitor())
        _ = await first.visit(scene.room)
        let bodies = [await second.visit(scene.room).body, await third.visit(scene.room).body]
        let own = try #require(asked(bodies[0]))
        let others = try #require(asked(bodies[1]))
        #expect(own.puzzle != others.puzzle)
        var stolen = 0
        while !others.isSolved(by: "\(stolen)") || own.isSolved(by: "\(stolen)") { stolen += 1 }
        for number in ["\(stolen)", "", "-1", "1 ", "x", "123456789012345678901", "\u{661}"] {
            let told = await second.prove(number, scene.room)
            #expect(told.status == 403)
            #expect(asked(told.body) == own)
        }
        #expect(scene.room.figures.wrongProofs.load(ordering: .relaxed) == 7)
        var nobody = SceneVisitor()
        #expect(await nobody.prove("1", scene.room).waitingRoom.hasPrefix("state=expired"))
        #expect(nobody.place == nil)
    }

    @Test func `Who runs no scripts waits longer, answers one question, and comes in`() async throws {
        let scene = scene()
        var (first, second) = (SceneVisitor(), SceneVisitor())
        _ = await first.visit(scene.room)
        second.prefersJSON = false
        let page = await second.visit(scene.room).body
        #expect(page.contains("<noscript><p class=\"move\"><a href=\"/.wr/proof?room=onsale\">"))
        let form = await second.answer(scene.room)
        #expect(form.status == 200)
        #expect(form.body.contains("<label for=\"answer\">How much is "))
        #expect(form.body.contains("in 30 seconds"))
        #expect(!form.body.contains("<script"))
        let start = try #require(form.body.firstRange(of: "name=\"token\" value=\""))
        let token = String(form.body[start.upperBound...].prefix { $0 != "\"" })
        let asked = try #require(form.body.firstRange(of: "How much is "))
        let numbers = form.body[asked.upperBound...].prefix { $0 != "?" }.split(separator: " plus ")
        let sum = numbers.compactMap { Int($0) }.reduce(0, +)
        #expect(numbers.count == 2)
        let early = await second.answer(scene.room, token: token, "\(sum)")
        #expect(early.status == 200)
        #expect(early.body.contains(token), "the time that has passed counts")
        _ = await first.visit(scene.room)
        for _ in 0..<6 {
            await scene.pass(milliseconds: 5_000)
            _ = await first.visit(scene.room)
        }
        let wrong = await second.answer(scene.room, token: token, "\(sum + 1)")
        #expect(wrong.status == 403)
        #expect(wrong.body.contains("role=\"alert\""))
        let right = await second.answer(scene.room, token: token, "\(sum)")
        #expect(right.status == 303)
        #expect(right.fields["Location"] == "/")
        var thief = SceneVisitor()
        _ = await thief.visit(scene.room)
        #expect(await thief.answer(scene.room, token: token, "\(sum)").status == 200)
        // A newcomer who might have come in at once is there no more.
        await scene.pass(milliseconds: 500)
        _ = await first.leave(scene.room)
        await scene.pass(milliseconds: 300)
        #expect(await second.visit(scene.room).isProxied)
        #expect(scene.room.figures.questions.load(ordering: .relaxed) == 1)
    }

    @Test func `A room that asks for nothing says nothing of it`() async {
        let scene = RoomScene()
        var (first, second) = (SceneVisitor(), SceneVisitor())
        _ = await first.visit(scene.room)
        let told = await second.visit(scene.room).body
        #expect(!told.contains("challenge"))
        second.prefersJSON = false
        let page = await second.visit(scene.room).body
        #expect(!page.contains("/.wr/proof") && !page.contains("data-worker"))
    }

    @Test(arguments: [(0, 17), (15, 17), (16, 18), (31, 18), (32, 19), (200, 20), (10_000, 20)])
    func `The work doubles with the places that a client took, between the limits`(
        places: Int,
        bits: Int
    ) {
        #expect(ProofOfWork.Settings(leastBits: 17, mostBits: 20).bits(places: places) == bits)
    }

    @Test func `Places are counted by client, and forgotten`() {
        let density = PlaceDensity()
        let one = Array("4 1".utf8)
        for count in 1...40 { #expect(density.add(one, now: 60_000) == count) }
        #expect(density.add(Array("4 77777".utf8), now: 60_001) == 1)
        #expect(density.add(one, now: 120_000) == 21)
        #expect(density.add([], now: 120_000) == 0)
        for minute in 3..<12 { _ = density.add(Array("6 5".utf8), now: 60_000 * Int64(minute)) }
        #expect(density.add(one, now: 720_000) == 1)
    }

    @Test(arguments: [0, 8, 21, 28], [0, 1, 1_000] as [Int64])
    func `A ticket carries what was asked, whether it was done, and its moves`(
        bits: Int,
        moves: Int64
    )
        throws
    {
        let keys = RoomKeys(
            room: "onsale",
            current: (id: "k1", secret: [UInt8](repeating: 7, count: 32))
        )
        for kind in [Ticket.Kind.numbered, .invited] {
            let ticket = Ticket(
                epoch: 3,
                position: 9,
                kind: kind,
                id: TicketID(from: { Array(1...UInt8($0)) }),
                issuedSeconds: 100,
                moves: moves,
                bits: bits,
                keys: keys
            )
            for (ticket, isProven) in [(ticket, false), (ticket.proven(keys), true)] {
                let text = ticket.text(room: "onsale")
                let back = Ticket(Array(text.utf8), room: "onsale", keys: keys, nowSeconds: 100)
                #expect(back?.bits == bits && back?.moves == moves && back?.kind == kind)
                #expect(back?.isProven == isProven && back?.puzzle == ticket.puzzle)
                #expect(back?.session(binding: 1) == ticket.session(binding: 1))
            }
        }
    }

    @Test
    func `A ticket that changes leads to the session and the work that its new text leads to`()
        throws
    {
        let old = (id: "k1", secret: [UInt8](repeating: 7, count: 32))
        let new = (id: "k2", secret: [UInt8](repeating: 8, count: 32))
        let keys = RoomKeys(room: "onsale", current: new, accepted: [old])
        func read(_ text: String) throws -> Ticket {
            try #require(
                Ticket(Array(text.utf8), room: "onsale", keys: keys, nowSeconds: 100)
            )
        }
        let oldKeys = RoomKeys(room: "onsale", current: old)
        let ticket = Ticket(
            epoch: 3,
            position: 9,
            id: TicketID(from: { Array(1...UInt8($0)) }),
            issuedSeconds: 100,
            keys: oldKeys
        )
        let known = try read(ticket.text(room: "onsale"))
        let place = QueuePlace(epoch: 3, position: 9)
        for (ticket, isProven) in [
            (known.proven(keys), true), (known.numbered(place, keys), false),
        ] {
            let shown = try read(ticket.text(room: "onsale"))
            #expect(shown.isProven == isProven && shown.puzzle == ticket.puzzle)
            #expect(shown.session(binding: 1) == ticket.session(binding: 1))
        }
    }

    @Test(arguments: WaitingLanguage.all)
    func `The question is asked in every language, with both numbers and the seconds`(
        language: WaitingLanguage
    ) {
        let question = WaitingPage.Question(
            numbers: (41, 42),
            token: "t",
            seconds: 43,
            isWrong: true
        )
        let page = WaitingPage.question(question, room: "onsale", in: language)
        for text in ["41", "42", "43", "lang=\"\(language.code)\"", "role=\"alert\""] {
            #expect(page.contains(text))
        }
        #expect(!page.contains("%"))
    }

    /// Computed with Python's hashlib: the hash begins with 000016d5.
    @Test func `A solution is what other programs call one`() {
        func isSolved(_ bits: Int) -> Bool {
            ProofOfWork(puzzle: Array(0..<16), bits: bits).isSolved(by: "31976")
        }
        #expect(isSolved(16) && isSolved(19))
        #expect(!isSolved(20))
        #expect(ProofOfWork(puzzle: Array(0..<16), bits: 8).puzzle == "AAECAwQFBgcICQoLDA0ODw")
    }
}
