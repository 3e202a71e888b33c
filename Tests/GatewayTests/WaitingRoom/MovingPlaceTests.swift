import Synchronization
import Testing

@testable import Gateway

/// A place that goes from one device to another.
@Suite
struct MovingPlaceTests {
    private static func number(_ key: String, of answer: SceneAnswer) -> String? {
        guard let start = answer.body.firstRange(of: "\"\(key)\":\"") else { return nil }
        return String(answer.body[start.upperBound...].prefix { $0 != "\"" })
    }

    /// A room for one that is taken, somebody who waits behind two others, and the code for that place.
    private static func scene() async throws -> (
        scene: RoomScene, inside: SceneVisitor, waiting: SceneVisitor, code: String
    ) {
        let scene = RoomScene()
        var inside = SceneVisitor()
        #expect(await inside.visit(scene.room).isProxied)
        var waiting = SceneVisitor()
        #expect(await waiting.visit(scene.room).waitingRoom.contains("ticket=2"))
        var offered = waiting
        let answer = offered.receive(await scene.room.move(waiting.request(), code: nil))
        return (scene, inside, waiting, try #require(number("code", of: answer)))
    }

    @Test func `The new device gets the same number, and the old one has it no more`() async throws {
        var (scene, inside, old, code) = try await Self.scene()
        var new = SceneVisitor(agent: "Telephone")
        let shown = code.prefix(4) + " " + code.dropFirst(4).lowercased()
        let taken = new.receive(await scene.room.move(new.request(), code: String(shown)))
        #expect(taken.status == 200)
        #expect(taken.waitingRoom.contains("state=queued, ticket=2, ahead=0"))
        #expect(new.place != nil && new.place != old.place)
        _ = await inside.leave(scene.room)
        await scene.pass(milliseconds: 300)
        #expect(await old.poll(scene.room).waitingRoom.contains("state=expired"))
        #expect(await new.poll(scene.room).waitingRoom.contains("state=admitted"))
    }

    @Test func `A code is good once, for five minutes, and not when it is guessed`() async throws {
        let (scene, _, _, code) = try await Self.scene()
        var other = SceneVisitor()
        #expect(await scene.room.move(other.request(), code: "ABCDEFGH").status == 404)
        #expect(await scene.room.move(other.request(), code: "").status == 404)
        #expect(other.receive(await scene.room.move(other.request(), code: code)).status == 200)
        #expect(await scene.room.move(SceneVisitor().request(), code: code).status == 404)
        // From there it may go on.
        let again = other.receive(await scene.room.move(other.request(), code: nil))
        let second = try #require(Self.number("code", of: again))
        scene.clock.time.add(300_001, ordering: .relaxed)
        #expect(await scene.room.move(SceneVisitor().request(), code: second).status == 404)
    }

    @Test func `Who has no place, or has used it, has none to move`() async throws {
        let scene = RoomScene()
        #expect(await scene.room.move(SceneVisitor().request(), code: nil).status == 404)
        let store = scene.store
        _ = try await store.join(aliveUntil: scene.now + 9_000, now: scene.now)
        let place = QueuePlace(epoch: 3, position: 1)
        let turn = QueueTurn(
            place: place,
            session: SessionID(high: 1, low: 1),
            aliveUntil: scene.now + 9_000
        )
        _ = try await store.claim(turn, now: scene.now)
        let offer = QueueOffer(place: place, isInvited: false, moves: 0)
        #expect(try await store.offer(offer, code: "ABCDEFGH", now: scene.now) == false)
    }

    @Test func `The old device can neither give the place up nor spend an invitation on it`()
        async throws
    {
        var (scene, inside, old, code) = try await Self.scene()
        var new = SceneVisitor(agent: "Telephone")
        _ = new.receive(await scene.room.move(new.request(), code: code))
        var stale = old
        _ = await stale.leave(scene.room, givesUpPlace: true)
        #expect(await new.poll(scene.room).waitingRoom.contains("state=queued, ticket=2"))
        let invitation = Invitation(name: "once", uses: 1)
        let store = scene.store
        let now = scene.now
        #expect(try await !store.invite(2, moves: 0, invitation: invitation, now: now))
        _ = await inside.leave(scene.room)
        await scene.pass(milliseconds: 300)
        #expect(await new.poll(scene.room).waitingRoom.contains("state=admitted"))
        #expect(await old.poll(scene.room).waitingRoom.contains("state=expired"))
        // The invitation was not spent.
        for _ in 0..<2 { _ = try await store.join(aliveUntil: now + 90_000, now: scene.now) }
        #expect(try await store.invite(4, moves: 0, invitation: invitation, now: scene.now))
    }

    @Test func `A link with a code moves nothing: it leads to a page that asks`() async throws {
        let (scene, _, _, code) = try await Self.scene()
        var visitor = SceneVisitor()
        visitor.prefersJSON = false
        let typed = code.prefix(4) + "+" + code.dropFirst(4).lowercased()
        for _ in 0..<2 {
            let page = visitor.receive(
                scene.room.movePage(visitor.request(), code: String(typed))
            )
            #expect(page.status == 200)
            #expect(visitor.place == nil)
            #expect(
                page.body.contains(
                    "<form method=\"post\" action=\"/.wr/move?room=onsale&amp;code=\(code)\">"
                )
            )
        }
        let wrong = visitor.receive(scene.room.movePage(visitor.request(), code: "\"><script>"))
        #expect(wrong.status == 404)
        #expect(!wrong.body.contains("<script"))
        let taken = visitor.receive(await scene.room.move(visitor.request(), code: code))
        #expect(taken.status == 303)
        #expect(visitor.place != nil)
    }

    @Test func `A place that was moved stays moved over a restart`() throws {
        var settings = WaitingRoomSettings(name: "onsale")
        settings.capacity = 1
        var machine = WaitingRoomStateMachine(rules: QueueRules(settings), epoch: 1)
        for _ in 0..<2 { _ = machine.join(aliveUntil: 90_000, now: 0) }
        let offer = QueueOffer(
            place: QueuePlace(epoch: 1, position: 2),
            isInvited: false,
            moves: 0
        )
        let isOffered = machine.offer(offer, code: "ABCDEFGH", now: 0)
        let moved = machine.redeem("ABCDEFGH", now: 1)
        #expect(isOffered && moved?.moves == 1)
        let record = try #require(QueueRecord(text: machine.record(now: 1).text))
        var later = WaitingRoomStateMachine(
            rules: QueueRules(settings),
            record: record,
            gap: 0,
            now: 10
        )
        let session = SessionID(high: 1, low: 2)
        #expect(later.claim(2, session: session, aliveUntil: 9_000, moves: 0, now: 10) == .spent)
        #expect(later.claim(2, session: session, aliveUntil: 9_000, moves: 1, now: 10) == .waiting)
    }
}
