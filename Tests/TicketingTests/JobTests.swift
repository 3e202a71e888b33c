import Foundation
import Logging
import Support
import Synchronization
import Testing

@testable import Ticketing

struct JobTests {
    static func buy(_ fixture: ShopFixture) async throws -> Order {
        let order = try await fixture.order(try await fixture.hold([0, 1]))
        try await fixture.shop.till.pay(try await fixture.startPayment(order), with: .accepted)
        return order
    }

    @Test(arguments: Engine.tested)
    func `A paid order sends one mail with its tickets, whoever works off the jobs`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let order = try await Self.buy(fixture)
        let other = try fixture.otherProcess()
        async let here = fixture.shop.jobs.work()
        async let there = other.jobs.work()
        #expect(try await here + there == 1)
        let mail = try #require(try fixture.mails().first)
        #expect(mail.contains("Message-ID: <tickets-\(order.code)@localhost>"))
        #expect(mail.contains("Content-Type: application/pdf"))
        #expect(mail.contains("Content-Type: text/calendar"))
        #expect(try fixture.mails().count == 1)
        // What is left is the reminder, which finds the order paid.
        fixture.clock.advance(by: Span.hour)
        #expect(try await fixture.shop.jobs.work() == 1)
        #expect(try fixture.mails().count == 1)
        #expect(try await fixture.count("SELECT COUNT(*) FROM outbox") == 0)
        try other.database.close()
    }

    @Test(arguments: Engine.tested)
    func `An address as long as they come is mailed, and so is one in a job of an older program`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let name = String(repeating: "a", count: 64)
        let domain = Array(repeating: String(repeating: "b", count: 46), count: 4)
        let text = "\(name)@\(domain.joined(separator: "."))"
        let email = try #require(EmailAddress(text))
        let accounts = fixture.shop.accounts
        try await accounts.register(
            Applicant(email: email, name: "A", password: ShopFixture.password)
        )
        try await accounts.requestReset(email)
        let now = fixture.clock.now
        try await fixture.shop.database.write { connection in
            try Outbox.add(
                .mailVerify,
                "old@example.com",
                id: 1,
                payload: "token",
                dueAt: now,
                at: now,
                connection
            )
        }
        #expect(try await fixture.shop.jobs.work() == 3)
        let mails = try fixture.mails()
        #expect(mails.filter { $0.contains("To: \(text)\r\n") }.count == 2)
        #expect(mails.filter { $0.contains("To: old@example.com\r\n") }.count == 1)
    }

    @Test func `A job whose worker died is done by another one`() async throws {
        let fixture = try await ShopFixture()
        _ = try await Self.buy(fixture)
        try await fixture.shop.database.write { connection in
            let due = fixture.clock.now + 30 * Span.second
            try connection.run(
                "UPDATE outbox SET kind = 1, due_at = ? WHERE topic = 'mail.tickets'",
                [due]
            )
        }
        #expect(try await fixture.shop.jobs.work() == 0)
        fixture.clock.advance(by: 30 * Span.second)
        #expect(try await fixture.shop.jobs.work() == 1)
        #expect(try fixture.mails().count == 1)
    }

    /// The shop's runner with another way out for its mails.
    static func runner(
        _ fixture: ShopFixture,
        _ transport: any MailTransport,
        clock: WallClock? = nil,
        pause: @escaping @Sendable () async throws -> Void = JobLeaseTests.never
    ) -> JobRunner {
        let shop = fixture.shop
        let time = clock ?? fixture.clock.wallClock
        return JobRunner(
            database: shop.database,
            handler: JobHandler(
                database: shop.database,
                catalog: shop.catalog,
                cancellation: shop.jobs.handler.cancellation,
                payments: shop.payments,
                sessions: shop.sessions,
                transport: transport,
                mail: shop.jobs.handler.mail,
                clock: fixture.clock.wallClock
            ),
            clock: time,
            metrics: shop.metrics,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            leases: JobLeases(database: shop.database, clock: time, pause: pause)
        )
    }

    /// A relay that takes every mail and keeps whoever brings one until it is let go.
    final class SlowRelay: MailTransport {
        private struct State {
            var isOpen = false
            var inside = 0
            var most = 0
            var sent: [String] = []
        }

        private let state = Mutex(State())

        var sent: [String] { state.withLock(\.sent) }
        /// How many mails it ever held at once.
        var most: Int { state.withLock(\.most) }

        func open() { state.withLock { $0.isOpen = true } }

        func send(_ message: MailMessage, at now: Milliseconds) async throws {
            state.withLock { state in
                state.sent.append(message.identifier)
                state.inside += 1
                state.most = max(state.most, state.inside)
            }
            while !state.withLock(\.isOpen) { await Task.yield() }
            state.withLock { $0.inside -= 1 }
        }

        /// Returns once so many mails came.
        func wait(for count: Int) async {
            let deadline = Deadline(within: Patience.long)
            while sent.count < count, !deadline.hasPassed { await Task.yield() }
        }
    }

    @Test(arguments: Engine.tested)
    func `Mails go out several at a time, but not too many, and each of them once`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        try await fixture.buy(0..<20)
        let relay = SlowRelay()
        // Jobs are taken at the first look at this clock and begin so late that whoever begins one renews its lease.
        let taken = fixture.clock.now
        let begun = taken + 15 * Span.second
        let isTaken = Mutex(false)
        let late = WallClock {
            isTaken.withLock { isTaken in
                defer { isTaken = true }
                return isTaken ? begun : taken
            }
        }
        async let done = Self.runner(fixture, relay, clock: late).work()
        defer { relay.open() }
        await relay.wait(for: 8)
        let atWork = "SELECT COUNT(*) FROM outbox WHERE kind = 1 AND due_at ="
        #expect(try await fixture.count("\(atWork) \(begun + 30 * Span.second)") == 8)
        #expect(try await fixture.count("\(atWork) \(taken + 30 * Span.second)") == 12)
        relay.open()
        #expect(try await done == 20)
        #expect(relay.most == 8)
        #expect(relay.sent.count == 20)
        #expect(Set(relay.sent).count == 20)
        #expect(try await fixture.count("SELECT COUNT(*) FROM effects") == 20)
        #expect(try await fixture.shop.jobs.work() == 0)
    }

    @Test(arguments: Engine.tested)
    func `A job whose turn comes after its time is left to whoever took it meanwhile`(
        engine: Engine
    )
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let other = try fixture.otherProcess()
        try await fixture.buy(0..<20)
        let relay = SlowRelay()
        async let done = Self.runner(fixture, relay).work()
        await relay.wait(for: 8)
        fixture.clock.advance(by: 31 * Span.second)
        #expect(try await other.jobs.work() == 20)
        relay.open()
        _ = try await done
        #expect(relay.sent.count == 8, "what was on its way, and no more")
        #expect(try fixture.mails().count == 20)
        try other.database.close()
    }

    @Test(arguments: [true, false])
    func
        `Tickets that were drawn for longer than their lease go out once, from whoever has it then`(
            isTakenMeanwhile: Bool
        ) async throws
    {
        let fixture = try await ShopFixture()
        let other = try fixture.otherProcess()
        _ = try await Self.buy(fixture)
        let relay = SlowRelay()
        let runner = Self.runner(fixture, relay)
        let obstacle = await Obstacle(on: runner.handler.press)
        async let done = runner.work()
        defer {
            obstacle.open()
            relay.open()
        }
        #expect(await soon { runner.handler.press.waitingCount == 1 })
        fixture.clock.advance(by: 31 * Span.second)
        if isTakenMeanwhile {
            #expect(try await other.jobs.work() == 1)
            relay.open()
        }
        try await obstacle.clear()
        if !isTakenMeanwhile {
            await relay.wait(for: 1)
            #expect(try await other.jobs.work() == 0, "the lease was renewed before it was sent")
            relay.open()
        }
        #expect(try await done == (isTakenMeanwhile ? 0 : 1))
        #expect(relay.sent.count == (isTakenMeanwhile ? 0 : 1))
        #expect(try fixture.mails().count == (isTakenMeanwhile ? 1 : 0))
        #expect(try await fixture.count("SELECT COUNT(*) FROM effects") == 1)
        try other.database.close()
    }

    private struct Refusing: MailTransport {
        struct Away: Error, CustomStringConvertible { var description = "Away" }
        var error = Away()
        func send(_ message: MailMessage, at now: Milliseconds) async throws { throw error }
    }

    /// A column has room for so many code points, of which one character may have any number.
    @Test(arguments: Engine.tested)
    func `However long and in whatever letters a failure is told, the job is tried again`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        _ = try await Self.buy(fixture)
        let told =
            "e\(String(repeating: "\u{301}", count: 100))" + String(repeating: "👩‍👩‍👧‍👦", count: 60)
        let failing = Self.runner(fixture, Refusing(error: Refusing.Away(description: told)))
        #expect(try await failing.work() == 0)
        let kept = try await fixture.shop.database.read {
            try $0.first("SELECT last_error FROM outbox WHERE attempts = 1") { try $0.text(0) }
        }
        #expect(kept.map { Array($0.unicodeScalars) } == Array(told.unicodeScalars.prefix(250)))
        fixture.clock.advance(by: Span.minute)
        #expect(try await fixture.shop.jobs.work() == 1)
    }

    @Test func `A job that keeps failing is given up in the end and can be replayed`() async throws {
        let fixture = try await ShopFixture()
        _ = try await Self.buy(fixture)
        let shop = fixture.shop
        let failing = Self.runner(fixture, Refusing())
        for _ in 0..<15 {
            _ = try await failing.work()
            fixture.clock.advance(by: 20 * Span.minute)
        }
        let dead = try await shop.jobs.dead()
        #expect(dead.map(\.topic) == ["mail.tickets"])
        #expect(dead.first?.attempts == 12)
        #expect(dead.first?.lastError?.contains("Away") == true)
        #expect(try await shop.jobs.work() == 0)
        #expect(try await shop.jobs.replay(try #require(dead.first).id))
        #expect(try await shop.jobs.work() == 1)
        #expect(try fixture.mails().count == 1)
    }

    @Test func `A mail's header is one line of ASCII whatever an event is called`() {
        let message = MailMessage(
            identifier: "a@b",
            from: "x@y",
            to: "ana@example.com",
            subject: "Fado à noite\r\nBcc: everybody@example.com",
            text: "a",
            html: "b"
        )
        let lines = message.encoded(at: 0).components(separatedBy: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.allSatisfy { $0 < 128 } && $0.utf8.count < 200 })
        #expect(!lines.contains { $0.hasPrefix("Bcc") })
        #expect(lines.contains("Date: Thu, 1 Jan 1970 00:00:00 +0000"))
    }
}
