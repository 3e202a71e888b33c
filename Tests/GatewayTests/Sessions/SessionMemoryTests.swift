import Testing
import Transport

@testable import Gateway

@Suite struct SessionMemoryTests {
    private static func session(_ id: String) -> Session {
        Session(subject: "7", id: id, role: "user", expiresAt: 4_000_000_000)
    }

    private static func keep(_ memory: inout SessionMemory, _ token: [UInt8], _ id: String?) {
        let entry = SessionMemory.Entry(
            session: id.map(session),
            until: Instant(nanoseconds: 1_000)
        )
        memory.keep(entry, of: token)
    }

    private static func knows(_ memory: SessionMemory, _ token: [UInt8], at now: UInt64 = 0) -> Bool {
        memory.entry(of: token, at: Instant(nanoseconds: now)) != nil
    }

    @Test func `What is remembered counts until its time is over`() {
        var memory = SessionMemory()
        Self.keep(&memory, [1], "a")
        #expect(Self.knows(memory, [1], at: 999))
        #expect(!Self.knows(memory, [1], at: 1_000))
        #expect(!Self.knows(memory, [2]))
    }

    @Test func `The end of a session ends all of its tokens, and no other`() {
        var memory = SessionMemory()
        Self.keep(&memory, [1], "a")
        Self.keep(&memory, [2], "a")
        Self.keep(&memory, [3], "b")
        Self.keep(&memory, [4], nil)
        // A token that has become another session's.
        Self.keep(&memory, [5], "a")
        Self.keep(&memory, [5], "b")
        memory.forget("a")
        #expect(
            [[1], [2], [3], [4], [5]].map { Self.knows(memory, $0) } == [
                false, false, true, true, true,
            ]
        )
        memory.forget("b")
        #expect(![3, 5].contains { Self.knows(memory, [$0]) })
    }

    @Test func `What is revoked while the answer is on its way is out of date, and nothing else`() {
        var memory = SessionMemory()
        let (early, other) = (memory.beginQuestion(), memory.beginQuestion())
        memory.forget("a")
        let late = memory.beginQuestion()
        #expect(!memory.isCurrent(Self.session("a"), since: early))
        #expect(!memory.isCurrent(Self.session("a"), since: other), "whoever else waits")
        #expect(memory.isCurrent(Self.session("b"), since: early))
        #expect(memory.isCurrent(nil, since: early))
        #expect(memory.isCurrent(Self.session("a"), since: late), "asked after its end")
        memory.endQuestion()
        memory.endQuestion()
        #expect(memory.isCurrent(Self.session("a"), since: late))
        memory.forgetAll()
        #expect(!memory.isCurrent(Self.session("b"), since: late))
    }

    @Test func `However much is revoked meanwhile, nothing of it is taken for current`() {
        var memory = SessionMemory()
        let asked = memory.beginQuestion()
        for index in 0...SessionMemory.revokedLimit { memory.forget("\(index)") }
        let isForgotten = (0...SessionMemory.revokedLimit).allSatisfy {
            !memory.isCurrent(Self.session("\($0)"), since: asked)
        }
        #expect(isForgotten)
        #expect(memory.isCurrent(Self.session("0"), since: memory.beginQuestion()))
    }
}
