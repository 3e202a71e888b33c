import Support
import Testing

@testable import Ticketing

/// Leases are renewed when a test says so.
struct JobLeaseTests {
    /// A pause without an end.
    @Sendable static func never() async throws {
        for await _ in AsyncStream<Void>.makeStream().stream {}
        throw CancellationError()
    }

    /// Pauses that a test ends.
    private final class Beat: Sendable {
        private let beats: AsyncStream<Void>
        private let bell: AsyncStream<Void>.Continuation

        init() { (beats, bell) = AsyncStream.makeStream() }

        @Sendable func pause() async throws {
            for await _ in beats { return }
            throw CancellationError()
        }

        func ring() { bell.yield() }
    }

    /// Whether the lease of the one job that is at work ends then, if not now then soon.
    private static func lease(_ fixture: ShopFixture, endsAt end: Milliseconds) async throws -> Bool {
        let deadline = Deadline(within: Patience.usual)
        let sql = "SELECT COUNT(*) FROM outbox WHERE kind = 1 AND due_at = \(end)"
        while try await fixture.count(sql) != 1 {
            if deadline.hasPassed { return false }
            await Task.yield()
        }
        return true
    }

    /// If every worker took so long, none would ever be done.
    @Test func `Tickets that are drawn for longer than a lease stay with whoever draws them`()
        async throws
    {
        let fixture = try await ShopFixture()
        let other = try fixture.otherProcess()
        try await fixture.buy(0..<1)
        let relay = JobTests.SlowRelay()
        relay.open()
        let beat = Beat()
        let runner = JobTests.runner(fixture, relay, pause: beat.pause)
        let obstacle = await Obstacle(on: runner.handler.press)
        async let done = runner.work()
        defer { obstacle.open() }
        #expect(await soon { runner.handler.press.waitingCount == 1 })
        for _ in 0..<4 {
            fixture.clock.advance(by: 20 * Span.second)
            beat.ring()
            try #require(
                await Self.lease(fixture, endsAt: fixture.clock.now + JobLeases.length)
            )
            #expect(try await other.jobs.work() == 0)
        }
        try await obstacle.clear()
        #expect(try await done == 1)
        #expect(relay.sent.count == 1)
        #expect(try fixture.mails().isEmpty)
        #expect(try await fixture.count("SELECT COUNT(*) FROM effects") == 1)
        try other.database.close()
    }

    private struct Torn: Error {}

    @Test func `A failure comes with the last lease of its job, so that it counts as an attempt`()
        async throws
    {
        let fixture = try await ShopFixture()
        try await fixture.buy(0..<1)
        let end = fixture.clock.now + JobLeases.length
        let id = try await fixture.count("SELECT id FROM outbox WHERE topic = 'mail.tickets'")
        try await fixture.shop.database.write {
            try $0.run("UPDATE outbox SET kind = 1, due_at = ? WHERE id = ?", [end, id])
        }
        let job = JobRunner.Job(
            id: Int64(id),
            topic: "mail.tickets",
            reference: "",
            payload: "",
            attempts: 0,
            dueAt: end,
            kind: 1,
            lastError: nil
        )
        let beat = Beat()
        let leases = JobLeases(
            database: fixture.shop.database,
            clock: fixture.clock.wallClock,
            pause: beat.pause
        )
        fixture.clock.advance(by: 20 * Span.second)
        let kept = await leases.keep(job) {
            beat.ring()
            #expect(try await Self.lease(fixture, endsAt: end + 20 * Span.second))
            throw Torn()
        }
        #expect(kept.job.dueAt == end + 20 * Span.second)
        #expect(throws: Torn.self) { try kept.outcome.get() }
    }
}
