import Support
import Testing
import Transport

@testable import Ticketing

/// A Redis of its own for one test.
final class StreamServer: Sendable {
    static let isInstalled = Tool.exists("redis-server")

    let url: String
    private let port: UInt16
    private let folder: TemporaryFolder
    private let process: ChildProcess

    init() throws {
        port = try Loopback.freePort()
        url = "redis://127.0.0.1:\(port)"
        folder = try TemporaryFolder()
        process = try ChildProcess(
            "redis-server",
            ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder.path],
            output: folder.file("output")
        )
        let port = port
        guard eventually(within: Patience.long, { Loopback.isListening(port: port) }) else {
            throw Problem.busy
        }
    }

    /// A shop that speaks with it.
    func shop(on engine: Engine = .sqlite) async throws -> ShopFixture {
        var settings = ShopFixture.settings
        settings.redisURL = url
        return try await ShopFixture(on: engine, settings: settings)
    }

    /// Says something to it, and returns what it answers.
    func ask(_ words: String...) throws -> String {
        try Tool.run("redis-cli", ["-p", String(port)] + words).text
    }
}

@Suite(.enabled(if: StreamServer.isInstalled))
struct JobStreamTests {
    /// Serves what the stream holds until there is nothing.
    private static func drain(_ shop: Shop, _ stream: JobStream) async throws -> Int {
        var done = 0
        while try await stream.length() > 0 { done += try await shop.jobs.serve(stream) }
        return done
    }

    /// So many people are about to be mailed a link.
    private static func register(_ count: Int, _ fixture: ShopFixture) async throws {
        for number in 0..<count {
            let email = try #require(EmailAddress("account\(number)@example.com"))
            let accounts = fixture.shop.accounts
            try await accounts.register(
                Applicant(email: email, name: "A", password: ShopFixture.password)
            )
        }
    }

    /// A worker that is cancelled leaves its job as one that was killed does.
    private struct DeadlyRelay: MailTransport {
        func send(_ message: MailMessage, at now: Milliseconds) async throws {
            throw CancellationError()
        }
    }

    private static func tickets(_ fixture: ShopFixture) throws -> Int {
        try fixture.mails().filter { $0.contains("Message-ID: <tickets-") }.count
    }

    @Test(arguments: Engine.tested)
    func `What one process publishes another does, once, whatever comes twice`(engine: Engine)
        async throws
    {
        let server = try StreamServer()
        let fixture = try await server.shop(on: engine)
        let other = try fixture.otherProcess()
        let stream = try #require(other.jobs.stream)
        try await fixture.buy(0..<5)
        #expect(try await fixture.shop.jobs.work() == 0)
        #expect(try Self.tickets(fixture) == 0)
        _ = try server.ask("COPY", "bmh:jobs", "copy")
        async let one = Self.drain(other, stream)
        async let two = Self.drain(fixture.shop, try #require(fixture.shop.jobs.stream))
        let done = try await one + two
        #expect(try Self.tickets(fixture) == 5)
        // The same messages once more: their jobs are gone.
        _ = try server.ask("COPY", "copy", "bmh:jobs", "REPLACE")
        #expect(try await Self.drain(other, stream) == 0)
        #expect(done >= 5)
        try other.database.close()
    }

    @Test func `A stream that was lost, and a worker that died, cost half a minute and no job`()
        async throws
    {
        let server = try StreamServer()
        let fixture = try await server.shop()
        let stream = try #require(fixture.shop.jobs.stream)
        try await fixture.buy(0..<2)
        #expect(try await fixture.shop.jobs.work() == 0)
        _ = try server.ask("FLUSHALL")
        #expect(try await fixture.shop.jobs.work() == 0)
        #expect(try await stream.length() == 0)
        fixture.clock.advance(by: 30 * Span.second)
        #expect(try await fixture.shop.jobs.work() == 0)
        // Somebody who got the messages and died: they are neither done nor acknowledged.
        while try await stream.next().isEmpty {}
        fixture.clock.advance(by: 30 * Span.second)
        #expect(try await fixture.shop.jobs.work() == 0)
        while try Self.tickets(fixture) < 2 { _ = try await fixture.shop.jobs.serve(stream) }
        #expect(try await fixture.count("SELECT COUNT(*) FROM outbox WHERE kind = 1") == 0)
    }

    @Test func `Lanes of one stream work side by side, and no more at once than without one`()
        async throws
    {
        let server = try StreamServer()
        let fixture = try await server.shop()
        let stream = try #require(fixture.shop.jobs.stream)
        try await fixture.buy(0..<20)
        let relay = JobTests.SlowRelay()
        let runner = JobTests.runner(fixture, relay)
        // First all messages, so that one lane finds more than it may have at once and the other the rest.
        #expect(try await fixture.shop.jobs.work() == 0)
        let published = fixture.clock.now + 30 * Span.second
        let done = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<JobRunner.streamLaneCount {
                group.addTask {
                    var done = 0
                    while try await runner.database.glance(Self.isAnyLeft) {
                        done += try await runner.serve(stream)
                    }
                    return done
                }
            }
            defer { relay.open() }
            await relay.wait(for: JobRunner.parallelLimit)
            // Whoever takes a message renews the lease of its job.
            let taken = "SELECT COUNT(*) FROM outbox WHERE kind = 1 AND due_at > \(published)"
            #expect(try await fixture.count(taken) == JobRunner.parallelLimit)
            relay.open()
            return try await group.reduce(0, +)
        }
        #expect(done == 20)
        #expect(Set(relay.sent).count == 20)
        #expect(relay.most == JobRunner.parallelLimit)
    }

    @Sendable private static func isAnyLeft(_ connection: SQLConnection) throws -> Bool {
        try connection.first("SELECT id FROM outbox WHERE topic = 'mail.tickets'") { try $0.int(0) }
            != nil
    }

    /// What a process finds by itself while it serves a stream comes behind that.
    @Test func `When the stream goes away under its lanes, no more is at work at once than before`()
        async throws
    {
        let server = try StreamServer()
        let fixture = try await server.shop()
        let stream = try #require(fixture.shop.jobs.stream)
        let relay = JobTests.SlowRelay()
        var runner = JobTests.runner(fixture, relay)
        runner.stream = stream
        try await fixture.buy(0..<20)
        #expect(try await runner.work() == 0)
        try await withThrowingTaskGroup(of: Void.self) { [runner] group in
            for _ in 0..<JobRunner.streamLaneCount {
                group.addTask {
                    while (try? await runner.serve(stream)) != nil {}
                }
            }
            defer { relay.open() }
            await relay.wait(for: JobRunner.parallelLimit)
            try await Self.register(10, fixture)
            _ = try server.ask("SHUTDOWN", "NOSAVE")
            group.addTask {
                let found = try await runner.work()
                #expect(found == 10)
            }
            #expect(await soon { runner.places.waitingCount == JobRunner.parallelLimit })
            #expect(relay.sent.count == JobRunner.parallelLimit)
            relay.open()
            try await group.waitForAll()
        }
        #expect(relay.sent.count == JobRunner.parallelLimit + 10)
        #expect(relay.most == JobRunner.parallelLimit)
    }

    /// Messages that nobody finishes do not count it by themselves: a stream can be lost.
    @Test func `A job that a stream brings and that takes its workers with it is given up, too`()
        async throws
    {
        let server = try StreamServer()
        let fixture = try await server.shop()
        let stream = try #require(fixture.shop.jobs.stream)
        try await fixture.buy(0..<1)
        var runner = JobTests.runner(fixture, DeadlyRelay())
        runner.stream = stream
        for _ in 0..<7 {
            #expect(try await runner.work() == 0)
            _ = try server.ask("FLUSHALL")
            fixture.clock.advance(by: 31 * Span.second)
        }
        #expect(try await runner.work() == 0)
        await #expect(throws: CancellationError.self) {
            while true { _ = try await runner.serve(stream) }
        }
        for _ in 0..<4 {
            fixture.clock.advance(by: 31 * Span.second)
            await #expect(throws: CancellationError.self) { try await runner.work() }
        }
        fixture.clock.advance(by: 31 * Span.second)
        #expect(try await runner.work() == 0)
        #expect(try await runner.dead().map(\.begun) == [6])
    }

    /// Whoever can write to the Redis can put one in.
    @Test(arguments: ["9223372036854775807", "-9223372036854775808", "99999999999999", "x"])
    func `A message that no worker wrote is dropped, and those behind it are served`(lease: String)
        async throws
    {
        let server = try StreamServer()
        let fixture = try await server.shop()
        let stream = try #require(fixture.shop.jobs.stream)
        _ = try server.ask("XADD", "bmh:jobs", "*", "job", "1", "lease", lease)
        try await fixture.buy(0..<1)
        #expect(try await fixture.shop.jobs.work() == 0)
        #expect(try await Self.drain(fixture.shop, stream) == 1)
        #expect(try Self.tickets(fixture) == 1)
    }

    @Test func `A worker that stops does not wait for a message`() async throws {
        let server = try StreamServer()
        let fixture = try await server.shop()
        let stream = try #require(fixture.shop.jobs.stream)
        #expect(try await stream.next().isEmpty, "the first to ask makes the group")
        let waiting = Task { try await stream.next() }
        #expect(
            try await soon { try server.ask("INFO", "clients").contains("blocked_clients:1") }
        )
        stream.stopWaiting()
        await #expect(throws: (any Error).self) { try await waiting.value }
    }

    @Test func `Without its Redis whoever finds a job does it`() async throws {
        var settings = ShopFixture.settings
        settings.redisURL = "redis://127.0.0.1:1"
        let fixture = try await ShopFixture(settings: settings)
        try await fixture.buy(0..<1)
        #expect(try await fixture.shop.jobs.work() >= 1)
        #expect(try Self.tickets(fixture) == 1)
    }
}
