import Testing

@testable import Gateway

@Suite struct RememberedHeadTests {
    /// A line of 20 that a node knows for ten seconds; it was heard of that 1 and 2 are called up.
    private func head(seen places: ClosedRange<Int64>) -> (RememberedHead, QueueSnapshot) {
        var (head, snapshot) = (RememberedHead(), QueueSnapshot())
        head.begin(tail: 0, now: 0)
        snapshot.tail = 20
        for place in places { head.mark(place, aliveUntil: 60_000, snapshot) }
        snapshot.serving = 2
        head.hear(called: [2, 1, 2])
        return (head, snapshot)
    }

    @Test func `What is told is who was seen, and who had been called up by then`() throws {
        var (head, snapshot) = head(seen: 1...6)
        // Two more are called up, and the node has not heard their names.
        snapshot.serving = 4
        head.forget(through: 4)
        let recall = try #require(head.recall(snapshot, now: 10_000))
        #expect(recall.called == [1, 2, 3, 4])
        #expect(recall.marks.map(\.position).sorted() == [3, 4, 5, 6])
        #expect(recall.through == 20)
    }

    @Test func `Whoever was called up and never seen is not told`() throws {
        var (head, snapshot) = head(seen: 5...6)
        snapshot.serving = 4
        let recall = try #require(head.recall(snapshot, now: 10_000))
        #expect(recall.called == [1, 2])
    }

    @Test func `Places behind the line are forgotten once it is heard who is called up`() throws {
        var (head, snapshot) = head(seen: 1...6)
        snapshot.serving = 4
        head.hear(called: [4, 4])
        head.forget(through: 4)
        head.forget(through: 3)
        let recall = try #require(head.recall(snapshot, now: 10_000))
        #expect(recall.marks.map(\.position).sorted() == [5, 6])
        #expect(recall.called == [4])
    }

    @Test func `A line that begins anew is forgotten from its own beginning`() throws {
        var (head, snapshot) = head(seen: 1...6)
        snapshot.serving = 5
        head.hear(called: [5, 5])
        head.forget(through: 5)
        // Redis came back empty, and another gateway opened the room.
        snapshot = QueueSnapshot()
        snapshot.tail = 20
        for place in 1...3 as ClosedRange<Int64> { head.mark(place, aliveUntil: 60_000, snapshot) }
        snapshot.serving = 2
        head.hear(called: [2, 2])
        head.forget(through: 2)
        let recall = try #require(head.recall(snapshot, now: 10_000))
        #expect(recall.marks.map(\.position).sorted() == [3, 6])
    }

    @Test func `A node that came lately, or has to learn whom it let in, says nothing`() {
        let (head, snapshot) = head(seen: 1...6)
        #expect(head.recall(snapshot, now: 9_999) == nil)
        var late = head
        late.needsSessions = true
        #expect(late.recall(snapshot, now: 20_000) == nil)
    }
}
