import Support
import Synchronization
import Testing

@testable import Ticketing

/// Jobs whose workers die over them. One that is cancelled leaves its job as one that was killed does.
struct JobDeathTests {
    private struct Away: Error {}

    /// A relay at which workers die, or fail, over some mails.
    private final class Relay: MailTransport {
        private struct State {
            var begun: [String] = []
            var sent: [String] = []
            var inside = 0
            var most = 0
        }

        private let state = Mutex(State())
        /// What becomes of a mail that is brought for the `count`th time.
        private let fate: @Sendable (_ mail: String, _ count: Int) -> (any Error)?

        /// So many come at once at first.
        private let company: Int

        init(company: Int = 1, _ fate: @escaping @Sendable (String, Int) -> (any Error)?) {
            self.company = company
            self.fate = fate
        }

        var begun: [String] { state.withLock(\.begun) }
        var sent: [String] { state.withLock(\.sent) }
        /// How many mails were brought at once.
        var most: Int { state.withLock(\.most) }

        func send(_ message: MailMessage, at now: Milliseconds) async throws {
            let mail = message.identifier
            let count = state.withLock { state in
                state.begun.append(mail)
                state.inside += 1
                state.most = max(state.most, state.inside)
                return state.begun.count { $0 == mail }
            }
            defer { state.withLock { $0.inside -= 1 } }
            let deadline = Deadline(within: Patience.long)
            while begun.count < company, !deadline.hasPassed { await Task.yield() }
            if let error = fate(mail, count) { throw error }
            state.withLock { $0.sent.append(mail) }
        }
    }

    /// Works until the worker dies or finds nothing, and lets its leases lapse.
    private static func live(_ runner: JobRunner, _ fixture: ShopFixture) async throws {
        do { _ = try await runner.work() } catch is CancellationError {}
        fixture.clock.advance(by: 31 * Span.second)
    }

    @Test(arguments: Engine.tested)
    func `A job that takes its worker with it is given up after five of them, until it is replayed`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        try await fixture.buy(0..<1)
        let relay = Relay { _, _ in CancellationError() }
        let runner = JobTests.runner(fixture, relay)
        for _ in 0..<5 {
            await #expect(throws: CancellationError.self) { try await runner.work() }
            fixture.clock.advance(by: 31 * Span.second)
            #expect(try await runner.dead().isEmpty)
        }
        #expect(try await runner.work() == 0)
        #expect(relay.begun.count == 5)
        let dead = try #require(try await runner.dead().first)
        #expect(dead.topic == "mail.tickets")
        #expect(dead.lastError?.contains("worker died") == true)
        fixture.clock.advance(by: Span.hour)
        _ = try await fixture.shop.jobs.work()
        #expect(try fixture.mails().isEmpty)
        #expect(try await runner.replay(dead.id))
        #expect(try await fixture.shop.jobs.work() == 1)
        #expect(try fixture.mails().count == 1)
    }

    @Test func `Workers that die now and then between failures are no reason to give a job up`()
        async throws
    {
        let fixture = try await ShopFixture()
        try await fixture.buy(0..<1)
        let relay = Relay { _, count in
            guard count < 15 else { return nil }
            return count % 5 == 0 ? Away() as any Error : CancellationError()
        }
        let runner = JobTests.runner(fixture, relay)
        for _ in 0..<15 { try await Self.live(runner, fixture) }
        #expect(relay.sent.count == 1)
        #expect(try await runner.dead().isEmpty)
    }

    @Test(arguments: Engine.tested)
    func `Only the job that kills its workers is given up, not those that were at work beside it`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        try await fixture.buy(0..<4)
        let deadly = Mutex("")
        let relay = Relay(company: 4) { mail, count in
            let isDeadly = deadly.withLock { deadly in
                if deadly.isEmpty { deadly = mail }
                return deadly == mail
            }
            return count <= 2 || isDeadly ? CancellationError() : nil
        }
        let runner = JobTests.runner(fixture, relay)
        try await Self.live(runner, fixture)
        #expect(relay.most == 4)
        try await Self.live(runner, fixture)
        let again = try await fixture.count("SELECT COUNT(*) FROM outbox WHERE begun = 2")
        #expect(again == 1, "those whose worker died come one by one")
        for _ in 0..<10 { try await Self.live(runner, fixture) }
        #expect(relay.sent.count == 3)
        #expect(Set(relay.sent + [deadly.withLock { $0 }]).count == 4)
        #expect(try await runner.dead().count == 1)
    }
}
