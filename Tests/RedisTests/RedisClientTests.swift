import Testing
import Transport

@testable import Redis

/// A client against servers that do as they are told.
@Suite struct RedisClientTests {
    private static func configuration(_ url: String) throws -> RedisConfiguration {
        var configuration = RedisConfiguration(try RedisURL(url))
        configuration.firstBackoffMilliseconds = 1
        configuration.backoffLimitMilliseconds = 10
        configuration.commandTimeoutMilliseconds = 10_000
        return configuration
    }

    private static func play(
        _ scripts: [[ScriptedServer.Step]],
        _ configure: @escaping @Sendable (inout RedisConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (RedisClient, ScriptedServer, Reactor) async throws -> Void
    ) async throws {
        try await onReactor { reactor in
            let server = try ScriptedServer(scripts, on: reactor)
            var configuration = try Self.configuration(server.url)
            configure(&configuration)
            let client = RedisClient(configuration, on: reactor)
            defer {
                client.close()
                server.close()
            }
            try await body(client, server, reactor)
        }
    }

    /// What a command comes to, as a value.
    private static func outcome(_ client: RedisClient, _ command: String) async -> Result<
        RESPValue, RedisError
    > {
        do throws(RedisError) {
            return .success(try await client.command(command))
        } catch {
            return .failure(error)
        }
    }

    @Test
    func `Commands wait for the connection and are answered in order`() async throws {
        let script =
            ScriptedServer.login + [
                .expect("$1\r\na\r\n*1\r\n$1\r\nb\r\n"), .answer(":1\r\n:2\r\n"), .silence,
            ]
        try await Self.play([script]) { client, server, reactor in
            async let first = Self.outcome(client, "a")
            async let second = Self.outcome(client, "b")
            let outcomes = await [first, second]
            #expect(outcomes == [.success(.integer(1)), .success(.integer(2))])
            #expect(server.received == ["*1\r\n$4\r\nPING\r\n*1\r\n$1\r\na\r\n*1\r\n$1\r\nb\r\n"])
        }
    }

    @Test
    func `A lost connection leaves what was sent unknown, and is made again`() async throws {
        let first = ScriptedServer.login + [.expect("$1\r\na\r\n")]
        let second = ScriptedServer.login + [.expect("$1\r\nb\r\n"), .answer("+OK\r\n"), .silence]
        try await Self.play([first, second]) { client, server, reactor in
            #expect(await Self.outcome(client, "a") == .failure(.unknownOutcome))
            #expect(await Self.outcome(client, "b") == .success(.simple("OK")))
            #expect(client.connectionCount == 2)
            #expect(server.received[1] == "*1\r\n$4\r\nPING\r\n*1\r\n$1\r\nb\r\n")
        }
    }

    @Test
    func `Half a reply and the end of the stream is no reply`() async throws {
        let script = ScriptedServer.login + [.expect("$1\r\na\r\n"), .answer("$10\r\nabc")]
        try await Self.play([script, ScriptedServer.login + [.silence]]) { client, _, _ in
            #expect(await Self.outcome(client, "a") == .failure(.unknownOutcome))
        }
    }

    @Test(arguments: ["garbage\r\n", "*99999999\r\n", ":1\r\n:2\r\n", "$999999999\r\n"])
    func `A server that does not speak the protocol loses the connection`(answer: String)
        async throws
    {
        let confused = ScriptedServer.login + [.expect("$1\r\na\r\n"), .answer(answer), .silence]
        let sane = ScriptedServer.login + [.expect("$1\r\nb\r\n"), .answer(":5\r\n"), .silence]
        try await Self.play([confused, sane]) { client, _, reactor in
            _ = await Self.outcome(client, "a")
            while client.connectionCount < 2 { await Task.yield() }
            #expect(await Self.outcome(client, "b") == .success(.integer(5)))
        }
    }

    @Test
    func `A silent server is given up at the deadline and the connection made again`() async throws {
        let silent = ScriptedServer.login + [.expect("$1\r\na\r\n"), .answer("+OK\r\n"), .silence]
        let lively = ScriptedServer.login + [.expect("$1\r\nc\r\n"), .answer(":1\r\n"), .silence]
        try await Self.play([silent, lively]) { client, _, reactor in
            #expect(await Self.outcome(client, "a") == .success(.simple("OK")))
            let patience = reactor.now.advanced(by: .milliseconds(50))
            await #expect(throws: RedisError.timedOut(wasSent: true)) {
                try await client.command("b", until: patience)
            }
            while client.connectionCount < 2 { await Task.yield() }
            #expect(await Self.outcome(client, "c") == .success(.integer(1)))
            #expect(client.connectionCount == 2)
        }
    }

    /// The server is stopped: it takes connections and says nothing.
    @Test
    func `A server that does not answer costs one deadline, not one for each command`() async throws {
        let stopped = ScriptedServer.login + [.silence]
        try await Self.play(
            [stopped, [.silence]],
            { $0.connectTimeoutMilliseconds = 10_000 }
        ) { client, server, reactor in
            while client.connectionCount == 0 { await Task.yield() }
            await #expect(throws: RedisError.timedOut(wasSent: true)) {
                try await client.command(
                    "a",
                    until: reactor.now.advanced(by: .milliseconds(50))
                )
            }
            while server.received.count < 2 { await Task.yield() }
            for _ in 0..<3 {
                await #expect(throws: RedisError.unavailable("no answer in time")) {
                    try await client.command(
                        "b",
                        until: reactor.now.advanced(by: .milliseconds(50))
                    )
                }
            }
        }
    }

    @Test
    func `A command whose time is over before the connection stands was not sent`() async throws {
        try await Self.play([[.silence]]) { client, server, reactor in
            let patience = reactor.now.advanced(by: .milliseconds(30))
            await #expect(throws: RedisError.timedOut(wasSent: false)) {
                try await client.command("a", until: patience)
            }
            #expect(!(server.received.first ?? "").contains("$1\r\na\r\n"))
        }
    }

    static let refusals: [(String, String)] = [
        ("-ERR max number of clients reached\r\n", "ERR max number of clients reached"),
        ("-NOAUTH Authentication required.\r\n", "NOAUTH Authentication required."),
        ("-LOADING Redis is loading the dataset in memory\r\n", "LOADING"),
    ]

    @Test(arguments: refusals)
    func `A server that refuses the first PING is not available`(answer: String, reason: String)
        async throws
    {
        let script: [ScriptedServer.Step] = [.expect("PING\r\n"), .answer(answer)]
        try await Self.play([script]) { client, _, _ in
            guard case .failure(.unavailable(let text)) = await Self.outcome(client, "a") else {
                Issue.record("not unavailable")
                return
            }
            #expect(text.contains(reason))
        }
    }

    @Test
    func `Where nobody listens commands fail without waiting for their deadline`() async throws {
        try await onReactor { reactor in
            let server = try ScriptedServer([], on: reactor)
            server.close()
            var configuration = try Self.configuration(server.url)
            configuration.firstBackoffMilliseconds = 10_000
            configuration.backoffLimitMilliseconds = 10_000
            let client = RedisClient(configuration, on: reactor)
            defer { client.close() }
            for _ in 0..<3 {
                guard case .failure(.unavailable) = await Self.outcome(client, "a") else {
                    Issue.record("not unavailable")
                    return
                }
            }
        }
    }

    @Test
    func `The queue is limited`() async throws {
        try await Self.play([[.silence]], { $0.queueLimit = 2 }) { client, _, reactor in
            let patience = reactor.now.advanced(by: .milliseconds(30))
            let commands = [[UInt8]](repeating: [0x61], count: 1)
            let outcomes = await client.pipeline([commands, commands, commands], until: patience)
            let timedOut = Result<RESPValue, RedisError>.failure(.timedOut(wasSent: false))
            #expect(outcomes == [timedOut, timedOut, .failure(.queueFull)])
        }
    }

    @Test
    func `A closed client fails what waits and takes nothing more`() async throws {
        try await Self.play([ScriptedServer.login + [.silence]]) { client, _, reactor in
            async let waiting = Self.outcome(client, "a")
            while client.connectionCount == 0 { await Task.yield() }
            await Task.yield()
            client.close()
            let outcome = await waiting
            #expect(outcome == .failure(.unknownOutcome) || outcome == .failure(.closed))
            #expect(await Self.outcome(client, "b") == .failure(.closed))
        }
    }
}
