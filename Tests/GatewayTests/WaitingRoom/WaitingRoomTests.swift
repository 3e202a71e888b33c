import HTTP
import Synchronization
import Testing

@testable import Gateway

@Suite
struct WaitingRoomTests {
    @Test func `The first visitor of an empty room is proxied and gets both cookies`() async {
        let scene = RoomScene()
        var visitor = SceneVisitor()
        let answer = await visitor.visit(scene.room)
        #expect(answer.isProxied)
        #expect(answer.session != nil)
        #expect(visitor.admission != nil)
        #expect(await visitor.visit(scene.room).session == answer.session)
    }

    @Test func `Whoever comes to a full room is told the place as the contract says`() async {
        let scene = RoomScene()
        var first = SceneVisitor()
        _ = await first.visit(scene.room)
        var second = SceneVisitor()
        let answer = await second.visit(scene.room)
        #expect(answer.status == 503)
        #expect(answer.fields["Retry-After"] == "1")
        #expect(answer.fields["Cache-Control"] == "no-store")
        #expect(answer.fields["Vary"] == "Accept, Cookie")
        #expect(answer.waitingRoom == #"state=queued, ticket=2, ahead=0, poll=1, room="onsale""#)
        #expect(answer.fields["Content-Type"] == "application/json")
        #expect(answer.fields["Set-Cookie"]?.hasPrefix("__Host-wr=v1.onsale.3.2.") == true)
        #expect(
            answer.fields["Set-Cookie"]?.hasSuffix("; Secure; HttpOnly; Path=/; SameSite=Lax")
                == true
        )
        let json =
            #"{"room":"onsale","state":"queued","ticket":2,"ahead":0,"poll":1,"epoch":3,"now":1795000000000,"#
            + #""opens_at":null,"ready_until":null,"session_until":null,"reason":null,"message":null}"#
        #expect(answer.body == json)
    }

    @Test func `A reload, a poll and an old cookie keep the place and set no new cookie`() async {
        let scene = RoomScene()
        var first = SceneVisitor()
        _ = await first.visit(scene.room)
        var second = SceneVisitor()
        _ = await second.visit(scene.room)
        let place = second.place
        for _ in 0..<3 {
            let again = await second.visit(scene.room)
            #expect(again.waitingRoom.contains("ticket=2, ahead=0"))
            #expect(again.fields["Set-Cookie"] == nil)
        }
        let poll = await second.poll(scene.room)
        #expect(poll.status == 200)
        #expect(poll.waitingRoom.contains("state=queued, ticket=2, ahead=0"))
        #expect(second.place == place)
    }

    @Test func `A poll that finds its turn claims it and the next visit is proxied`() async {
        let scene = RoomScene()
        var first = SceneVisitor()
        _ = await first.visit(scene.room)
        var second = SceneVisitor()
        _ = await second.visit(scene.room)
        #expect(await first.leave(scene.room).status == 204)
        await scene.pass(milliseconds: 300)
        let poll = await second.poll(scene.room)
        #expect(poll.waitingRoom.contains("state=admitted"))
        #expect(second.admission != nil)
        #expect(await second.visit(scene.room).isProxied)
    }

    @Test func `A poll near the head is held until the turn comes`() async {
        let scene = RoomScene()
        var first = SceneVisitor()
        _ = await first.visit(scene.room)
        var second = SceneVisitor()
        _ = await second.visit(scene.room)
        _ = await first.leave(scene.room)
        let start = scene.now
        #expect(await second.poll(scene.room).waitingRoom.contains("state=admitted"))
        #expect(scene.now - start >= 100)
        #expect(scene.now - start < 2_000)
    }

    @Test func `A lost answer, a second tab and a double click get the same session and one slot`()
        async
    {
        let scene = RoomScene { $0.capacity = 5 }
        var visitor = SceneVisitor()
        _ = await visitor.visit(scene.room)
        var waiting = SceneVisitor()
        waiting.place = visitor.place
        let filled = await visitor.visit(scene.room).session
        #expect(scene.store.snapshot().activeCount == 1)
        #expect(filled != nil)
    }

    @Test func `A session lasts until its length after its last request and no longer`() async {
        let scene = RoomScene()
        var visitor = SceneVisitor()
        _ = await visitor.visit(scene.room)
        for _ in 0..<5 {
            await scene.pass(milliseconds: 9_000)
            #expect(await visitor.visit(scene.room).isProxied)
        }
        let admission = visitor.admission
        await scene.pass(milliseconds: 10_300)
        var other = SceneVisitor()
        #expect(await other.visit(scene.room).isProxied)
        visitor.admission = admission
        #expect(await visitor.visit(scene.room).status == 503)
    }

    /// What the backend may think: that the visitor is inside for a session's length after it had the request.
    @Test(arguments: [0, 50, 51, 5_000] as [Int64])
    func
        `A slot stays taken for a session's length after the answer, and the store is asked if that took long`(
            milliseconds: Int64
        ) async throws
    {
        let scene = RoomScene()
        let store = FlakyQueueStore(scene.store)
        let room = RoomScene.room(scene.room.settings, store: store, clock: scene.clock)
        await room.tick()
        var visitor = SceneVisitor()
        _ = await visitor.visit(room)
        scene.clock.time.add(2_000, ordering: .relaxed)
        let visit = await visitor.visit(room)
        let session = try #require(visit.session)
        scene.clock.time.add(milliseconds, ordering: .relaxed)
        room.noteAnswer(to: session, renewedAt: visit.renewedAt)
        #expect(store.answers.load(ordering: .relaxed) == (milliseconds > 50 ? 1 : 0))
        scene.clock.time.add(10_000, ordering: .relaxed)
        await room.tick()
        #expect(scene.store.snapshot().activeCount == 1)
        scene.clock.time.add(101, ordering: .relaxed)
        await room.tick()
        #expect(scene.store.snapshot().activeCount == 0)
    }

    /// Its cookie lost, a visitor comes with the ticket again: that gets the session it had, which ends when it did.
    @Test func `An answer counts for a session that its request did not renew`() async throws {
        let scene = RoomScene()
        await scene.room.tick()
        var (first, visitor) = (SceneVisitor(), SceneVisitor())
        _ = await first.visit(scene.room)
        _ = await visitor.visit(scene.room)
        _ = await first.leave(scene.room)
        await scene.pass(milliseconds: 1_000)
        #expect(await visitor.visit(scene.room).isProxied)
        visitor.admission = nil
        scene.clock.time.add(9_900, ordering: .relaxed)
        let visit = await visitor.visit(scene.room)
        scene.room.noteAnswer(to: try #require(visit.session), renewedAt: visit.renewedAt)
        scene.clock.time.add(9_900, ordering: .relaxed)
        await scene.room.tick()
        #expect(scene.store.snapshot().activeCount == 1)
    }

    @Test func `After leaving neither the pass nor the ticket is good for anything`() async {
        let scene = RoomScene()
        var visitor = SceneVisitor()
        _ = await visitor.visit(scene.room)
        let kept = visitor
        #expect(await visitor.leave(scene.room).status == 204)
        #expect(visitor.admission == nil)
        var other = SceneVisitor()
        _ = await other.visit(scene.room)
        await scene.pass(milliseconds: 1_000)
        #expect(await other.visit(scene.room).isProxied)
        var replay = kept
        #expect(await replay.poll(scene.room).waitingRoom.contains("state=expired"))
        #expect(await replay.visit(scene.room).waitingRoom.contains("ticket=3"))
        #expect(await visitor.leave(scene.room).status == 204)
    }

    @Test func `The backend ends a session with a command and unknown commands do nothing`()
        async throws
    {
        let scene = RoomScene()
        var visitor = SceneVisitor()
        let session = try #require(await visitor.visit(scene.room).session)
        #expect(await scene.room.command("dance", session: session) == false)
        #expect(await visitor.visit(scene.room).isProxied)
        #expect(await scene.room.command(" revoke ", session: session))
        // What follows is another visit.
        let next = await visitor.visit(scene.room).session
        #expect(next != nil && next != session)
    }

    @Test func `A place given up is spent and those behind move up`() async {
        let scene = RoomScene()
        var first = SceneVisitor()
        _ = await first.visit(scene.room)
        var second = SceneVisitor()
        _ = await second.visit(scene.room)
        let kept = second
        var third = SceneVisitor()
        _ = await third.visit(scene.room)
        _ = await second.leave(scene.room, givesUpPlace: true)
        _ = await first.leave(scene.room)
        #expect(await third.poll(scene.room).waitingRoom.contains("state=admitted"))
        var replay = kept
        #expect(await replay.poll(scene.room).waitingRoom.contains("state=expired"))
    }

    @Test func `A stolen ticket on another kind of client gets no second session`() async {
        let scene = RoomScene { $0.capacity = 5 }
        var first = SceneVisitor()
        _ = await first.visit(scene.room)
        var thief = SceneVisitor()
        thief.agent = "Robot"
        thief.admission = first.admission
        thief.place = first.place
        for _ in 0..<3 { _ = await thief.visit(scene.room) }
        #expect(thief.admission != first.admission)
        #expect(scene.store.snapshot().activeCount == 2)
    }

    @Test(arguments: [
        "", "x", "v1.onsale.3.1.AAAAAAAAAAAAAAAA.1795000000.0.k1.AAAAAAAAAAAAAAAAAAAAAA",
    ])
    func `A cookie that does not verify counts as no cookie`(cookie: String) async {
        let scene = RoomScene()
        var first = SceneVisitor()
        _ = await first.visit(scene.room)
        var forger = SceneVisitor()
        forger.place = cookie
        forger.admission = cookie
        let answer = await forger.visit(scene.room)
        #expect(answer.status == 503)
        #expect(answer.waitingRoom.contains("ticket=2"))
    }

    @Test func `A closed room takes no newcomer and tells nobody to come back`() async {
        let scene = RoomScene { $0.mode = .draining }
        var visitor = SceneVisitor()
        let answer = await visitor.visit(scene.room)
        #expect(answer.status == 503)
        #expect(answer.fields["Retry-After"] == nil)
        #expect(answer.waitingRoom == #"state=full, room="onsale""#)
        #expect(answer.body.contains(#""reason":"room-closed""#))
        #expect(scene.room.report.contains(#""state":"full""#))
    }

    @Test func `An open room proxies without a session`() async {
        let scene = RoomScene { $0.mode = .open }
        var visitor = SceneVisitor()
        let answer = await visitor.visit(scene.room)
        #expect(answer.isProxied)
        #expect(answer.session == nil)
        #expect(await visitor.poll(scene.room).waitingRoom == #"state=open, room="onsale""#)
    }

    @Test func `With too much to do nobody is let in, while time and sessions go on`() async {
        let scene = RoomScene { $0.sessionSeconds = 2 }
        var inside = SceneVisitor()
        let session = await inside.visit(scene.room).session
        var waiting = SceneVisitor()
        _ = await waiting.visit(scene.room)
        for _ in 0..<30 {
            scene.clock.time.add(100, ordering: .relaxed)
            await scene.room.tick(isBusy: true)
            #expect(await inside.visit(scene.room).session == session)
        }
        for _ in 0..<30 {
            scene.clock.time.add(100, ordering: .relaxed)
            await scene.room.tick(isBusy: true)
        }
        #expect(scene.store.snapshot().activeCount == 0)
        let answer = await waiting.poll(scene.room)
        #expect(answer.waitingRoom.contains("state=paused, ticket=2, ahead=0"))
        #expect(answer.body.contains(#""reason":"busy""#))
        var newcomer = SceneVisitor()
        #expect(await newcomer.visit(scene.room).waitingRoom.contains("state=paused, ticket=3"))
        await scene.room.tick(isBusy: false)
        #expect(await waiting.poll(scene.room).waitingRoom.contains("state=admitted"))
        #expect(await newcomer.visit(scene.room).waitingRoom.contains("state=queued, ticket=3"))
    }

    @Test func `A gateway with too much to do leaves the turns of a shared room to the others`()
        async
    {
        var settings = WaitingRoomSettings(name: "onsale")
        settings.capacity = 1
        let store = FlakyQueueStore(MemoryQueueStore(settings: settings, epoch: 3), isShared: true)
        let clock = SceneClock()
        let (one, other) = (
            RoomScene.room(settings, store: store, clock: clock),
            RoomScene.room(settings, store: store, clock: clock)
        )
        await one.tick(isBusy: true)
        var visitor = SceneVisitor()
        #expect(await visitor.visit(one).waitingRoom.contains("state=paused, ticket=1"))
        #expect(await visitor.visit(one).waitingRoom.contains("state=paused, ticket=1"))
        await other.tick(isBusy: false)
        #expect(await visitor.visit(other).isProxied)
    }

    @Test func `A status without a ticket takes no place`() async {
        let scene = RoomScene()
        var visitor = SceneVisitor()
        #expect(await visitor.poll(scene.room).waitingRoom.contains("state=open"))
        var first = SceneVisitor()
        _ = await first.visit(scene.room)
        #expect(await visitor.poll(scene.room).waitingRoom.contains("state=expired"))
        #expect(scene.store.snapshot().tail == 1)
    }

    @Test func `On plain HTTP the cookies lose prefix and Secure, and further rooms name theirs`() {
        var none = WaitingRoomCookies.Shown.Item()
        let plain = WaitingRoomCookies(room: "b", isSecure: false)
        #expect(plain.place.set("x", none) == ["wr=x; HttpOnly; Path=/; SameSite=Lax"])
        let named = WaitingRoomCookies(room: "b", RoomNeighbours(before: ["a"]), isSecure: true)
        let attributes = "; Secure; HttpOnly; Path=/; SameSite=Lax"
        #expect(named.admission.set("x", none) == ["__Host-wrs_b=x\(attributes)"])
        none.plain = TokenReader(.kept("v1.b.1"), of: "b")
        #expect(
            named.admission.set("x", none)
                == ["__Host-wrs_b=x\(attributes)", "__Host-wrs=; Max-Age=0\(attributes)"]
        )
    }

    @Test(arguments: [
        ("__Host-wr=v1.b.1", ["__Host-wr"]), ("__Host-wr=rubbish", ["__Host-wr"]),
        ("__Host-wr=v1.gone.1", ["__Host-wr"]), ("__Host-wr=v1.c.1", ["__Host-wr_b"]),
        ("__Host-wr_b=v1.b.1", ["__Host-wr", "__Host-wr_b"]),
        ("__Host-wr=v1.c.1; __Host-wr_b=v1.b.1", ["__Host-wr_b"]),
        ("__Host-wr=v1.c.1; __Host-wr=v1.b.1", ["__Host-wr_b", "__Host-wr"]),
    ])
    func `The first room of a host leaves the plain name to whom it keeps something of`(
        _ field: String,
        _ names: [String]
    ) throws {
        let cookies = WaitingRoomCookies(room: "b", RoomNeighbours(behind: ["c"]), isSecure: true)
        let text = "GET / HTTP/1.1\r\nHost: a\r\nCookie: \(field)\r\n\r\n"
        var parser = RequestParser()
        _ = try parser.parse(.kept(text))
        let shown = cookies.shown(in: Cookies(parser.head.fields))
        let set = cookies.place.set("x", shown.place)
        #expect(set.map { String($0.prefix { $0 != "=" }) } == names)
    }
}

@Suite
struct StoreLossTests {
    private func scene(
        _ loss: WaitingRoomSettings.StoreLoss,
        _ clock: SceneClock = SceneClock(),
        isShared: Bool = false
    ) -> (room: WaitingRoom, store: FlakyQueueStore) {
        var settings = WaitingRoomSettings(name: "onsale")
        settings.capacity = 1
        settings.onStoreLoss = loss
        (settings.ratePerSecond, settings.burst) = (2, 3)
        let memory = MemoryQueueStore(settings: settings, epoch: 3)
        let store = FlakyQueueStore(memory, isShared: isShared)
        return (RoomScene.room(settings, store: store, clock: clock), store)
    }

    @Test func `With hold sessions go on, places are kept and newcomers get theirs later`() async {
        let (room, store) = scene(.hold)
        var inside = SceneVisitor()
        let session = await inside.visit(room).session
        var waiting = SceneVisitor()
        _ = await waiting.visit(room)
        store.isAway.store(true, ordering: .relaxed)
        #expect(await inside.visit(room).session == session)
        await room.tick()
        #expect(
            await waiting.visit(room).waitingRoom
                == #"state=paused, ticket=2, ahead=0, poll=1, room="onsale""#
        )
        var newcomer = SceneVisitor()
        let answer = await newcomer.visit(room)
        #expect(answer.status == 503)
        #expect(answer.waitingRoom == #"state=paused, poll=5, room="onsale""#)
        #expect(answer.body.contains(#""reason":"store-away""#))
        #expect(newcomer.place != nil)
        #expect(await newcomer.poll(room).waitingRoom.contains("state=paused"))
        store.isAway.store(false, ordering: .relaxed)
        await room.tick()
        #expect(await newcomer.visit(room).waitingRoom.contains("ticket=3"))
    }

    @Test func `With open people come in at the rate, those in line as well, and stay`() async {
        let clock = SceneClock()
        let (room, store) = scene(.open, clock)
        var (inside, waiting) = (SceneVisitor(), SceneVisitor())
        _ = await inside.visit(room)
        #expect(await waiting.visit(room).waitingRoom.contains("ticket=2"))
        store.isAway.store(true, ordering: .relaxed)
        await room.tick()
        #expect(await waiting.poll(room).waitingRoom == #"state=open, poll=1, room="onsale""#)
        #expect(await waiting.visit(room).isProxied)
        var newcomers = [SceneVisitor](repeating: SceneVisitor(), count: 40)
        var admitted: [Int] = []
        for index in newcomers.indices where await newcomers[index].visit(room).isProxied {
            admitted.append(index)
        }
        #expect(admitted == [0, 1], "a burst of three, one of whom had waited")
        let answer = await newcomers[9].visit(room)
        #expect(answer.status == 503 && answer.body.contains(#""reason":"store-away""#))
        #expect(await newcomers[9].poll(room).waitingRoom.contains("state=paused"))
        // Further requests of those who are in cost nothing.
        for _ in 0..<9 {
            clock.time.add(50, ordering: .relaxed)
            #expect(await newcomers[0].visit(room).isProxied)
            #expect(await waiting.visit(room).isProxied)
        }
        clock.time.add(50, ordering: .relaxed)
        #expect(await newcomers[9].visit(room).isProxied, "half a second at two a second")
        #expect(!(await newcomers[8].visit(room).isProxied))
    }

    @Test func `Who leaves a room whose process is not here is asked to leave again`() async {
        let (room, store) = scene(.hold)
        var inside = SceneVisitor()
        _ = await inside.visit(room)
        store.isAway.store(true, ordering: .relaxed)
        #expect(await inside.leave(room).status == 503)
        #expect(inside.admission != nil)
    }

    @Test func `Whoever leaves while the store is away has left, and gives the place up`() async {
        let (room, store) = scene(.hold, isShared: true)
        var (inside, waiting) = (SceneVisitor(), SceneVisitor())
        _ = await inside.visit(room)
        _ = await waiting.visit(room)
        store.isAway.store(true, ordering: .relaxed)
        await room.tick()
        #expect(await inside.leave(room).status == 204)
        #expect(inside.admission == nil && inside.place == nil)
        #expect(await waiting.leave(room, givesUpPlace: true).status == 204)
        #expect(waiting.place == nil)
    }

    @Test func `With closed newcomers are turned away`() async {
        let (room, store) = scene(.closed)
        store.isAway.store(true, ordering: .relaxed)
        var visitor = SceneVisitor()
        #expect(await visitor.visit(room).waitingRoom == #"state=full, room="onsale""#)
    }
}
