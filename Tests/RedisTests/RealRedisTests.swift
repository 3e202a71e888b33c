import Testing
import Transport

@testable import Redis

/// The client against the redis-server of the system.
@Suite(.enabled(if: RedisServer.isInstalled, "redis-server is not installed"))
struct RealRedisTests {
    /// Runs a body with a client of the server at `url`, which stands for `PORT` and `DIRECTORY` of the server.
    private static func use(
        _ server: RedisServer,
        _ url: String,
        tls: TLSClientContext? = nil,
        _ body: @escaping @Sendable (RedisClient, Reactor) async throws -> Void
    ) async throws {
        var configuration = RedisConfiguration(try RedisURL(url))
        configuration.commandTimeoutMilliseconds = 10_000
        configuration.firstBackoffMilliseconds = 5
        configuration.backoffLimitMilliseconds = 20
        configuration.tls = tls
        let settled = configuration
        try await onReactor { reactor in
            let client = RedisClient(settled, on: reactor)
            defer { client.close() }
            try await body(client, reactor)
        }
    }

    @Test
    func `Commands of many tasks share one connection and get their own replies`() async throws {
        let server = try RedisServer()
        try await Self.use(server, "redis://127.0.0.1:\(server.port)") {
            client,
            reactor async throws in
            #expect(try await client.command("SET", "key", "value") == .simple("OK"))
            #expect(try await client.command("GET", "key") == .bulk(Array("value".utf8)))
            #expect(try await client.command("GET", "none") == .null)
            #expect(try await client.command("RPUSH", "list", "a", "b") == .integer(2))
            #expect(
                try await client.command("LRANGE", "list", "0", "-1").array?.map(\.text) == [
                    "a", "b",
                ]
            )
            await #expect(throws: RedisError.self) { try await client.command("INCR", "key") }
            let binary = (0...255).map { UInt8($0) }
            #expect(try await client.command([Array("ECHO".utf8), binary]) == .bulk(binary))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<500 {
                    group.addTask {
                        let reply = try await client.command("ECHO", "\(number)")
                        #expect(reply.text == "\(number)")
                    }
                }
                try await group.waitForAll()
            }
            #expect(client.connectionCount == 1)
        }
    }

    @Test
    func `Tasks of other threads may send commands`() async throws {
        let server = try RedisServer()
        try await Self.use(server, "redis://127.0.0.1:\(server.port)") {
            client,
            reactor async throws in
            _ = try await onReactor { other in
                for number in 0..<100 {
                    let reply = try await client.command("ECHO", "\(number)")
                    #expect(reply.text == "\(number)")
                    #expect(other.isCurrent)
                }
            }
            let replies = await Task.detached { await client.pipeline([[Array("PING".utf8)]]) }
                .value
            #expect(replies == [.success(.simple("PONG"))])
            #expect(reactor.isCurrent)
        }
    }

    @Test
    func `A transaction goes out in one piece and its errors stay inside`() async throws {
        let server = try RedisServer()
        try await Self.use(server, "redis://127.0.0.1:\(server.port)") { client, _ async throws in
            let commands = [["MULTI"], ["SET", "a", "x"], ["INCR", "a"], ["EXEC"]].map {
                $0.map { Array($0.utf8) }
            }
            let outcomes = await client.pipeline(commands)
            #expect(outcomes.count == 4)
            guard case .success(.array(let results)) = outcomes[3] else {
                Issue.record("no results: \(outcomes)")
                return
            }
            #expect(results[0] == .simple("OK"))
            guard case .error = results[1] else {
                Issue.record("no error: \(results)")
                return
            }
        }
    }

    @Test
    func `Large values go there and back`() async throws {
        let server = try RedisServer()
        try await Self.use(server, "redis://127.0.0.1:\(server.port)") { client, _ async throws in
            let value = [UInt8](repeating: 0x78, count: 5_000_000)
            #expect(try await client.command([Array("SET".utf8), [1], value]) == .simple("OK"))
            let reply = try await client.command([Array("GET".utf8), [1]])
            #expect(reply.bytes?.count == value.count)
        }
    }

    @Test
    func `The database of the URL is selected`() async throws {
        let server = try RedisServer()
        let url = "redis://127.0.0.1:\(server.port)"
        try await Self.use(server, url + "/3") { client, _ async throws in
            _ = try await client.command("SET", "here", "3")
        }
        try await Self.use(server, url) { client, _ async throws in
            #expect(try await client.command("GET", "here") == .null)
        }
        try await Self.use(server, url + "/3") { client, _ async throws in
            #expect(try await client.command("GET", "here").text == "3")
        }
        try await Self.use(server, url + "/99") { client, _ async throws in
            await #expect(throws: RedisError.self) { try await client.command("PING") }
        }
    }

    @Test
    func `Users log in with their passwords, by TCP and by unix socket`() async throws {
        let options = [
            "--port", "PORT", "--unixsocket", "DIRECTORY/redis.sock", "--requirepass", "p@ss",
        ]
        let server = try RedisServer(options)
        let urls = [
            "redis://:p%40ss@127.0.0.1:\(server.port)",
            "unix://:p%40ss@\(server.directory)/redis.sock",
            "redis://haniel:word@127.0.0.1:\(server.port)",
        ]
        try await Self.use(server, urls[0]) { client, _ async throws in
            _ = try await client.command("ACL", "SETUSER", "haniel", "on", ">word", "~*", "+@all")
        }
        for url in urls {
            try await Self.use(server, url) { client, _ async throws in
                #expect(try await client.command("PING").text == "PONG")
            }
        }
        for url in ["redis://:wrong@127.0.0.1:\(server.port)", "redis://127.0.0.1:\(server.port)"] {
            try await Self.use(server, url) { client, _ async throws in
                await #expect(throws: RedisError.self) { try await client.command("PING") }
            }
        }
    }

    @Test
    func `TLS is used, and a server that cannot prove its name is not`() async throws {
        let directory = try TemporaryDirectory()
        let authority = CertificateAuthority(directory: directory.path)
        _ = try authority.prepare()
        let server = try RedisServer([
            "--port", "0", "--tls-port", "PORT", "--tls-auth-clients", "no", "--tls-cert-file",
            authority.certificatePath,
            "--tls-key-file", authority.keyPath, "--tls-ca-cert-file", authority.authorityPath,
        ])
        let trusted = try TLSClientContext(authorities: authority.authorityPath)
        for host in ["localhost", "127.0.0.1"] {
            try await Self.use(server, "rediss://\(host):\(server.port)", tls: trusted) {
                client,
                _ async throws in
                #expect(try await client.command("PING").text == "PONG")
            }
        }
        let url = "rediss://localhost:\(server.port)"
        try await Self.use(server, url) { client, _ async throws in
            guard case .failure(.unavailable(let reason)) = await outcome(of: "PING", client) else {
                Issue.record("an unknown authority was trusted")
                return
            }
            #expect(reason.contains("certificate"))
        }
    }

    @Test
    func `A server that dies and comes back is found again`() async throws {
        let server = try RedisServer()
        let port = server.port
        try await Self.use(server, "redis://127.0.0.1:\(port)") { client, reactor async throws in
            #expect(try await client.command("PING").text == "PONG")
            server.stop()
            var failures: [RedisError] = []
            while failures.count < 5 {
                if case .failure(let error) = await outcome(of: "PING", client) {
                    failures.append(error)
                }
                await Task.yield()
            }
            let again = try RedisServer(port: port)
            defer { again.stop() }
            while true {
                if case .success(let reply) = await outcome(of: "PING", client) {
                    #expect(reply.text == "PONG")
                    break
                }
                await Task.yield()
            }
            #expect(client.connectionCount == 2)
        }
    }

    @Test
    func `A subscription hears every message, and of the gap after a lost connection`() async throws {
        let server = try RedisServer()
        let port = server.port
        try await Self.use(server, "redis://127.0.0.1:\(port)") { client, reactor async throws in
            var configuration = RedisConfiguration(try RedisURL("redis://127.0.0.1:\(port)"))
            configuration.firstBackoffMilliseconds = 1
            configuration.heartbeatMilliseconds = 500
            let heard = Heard(reactor)
            let subscription = Subscription(configuration, pattern: "news:*", on: reactor) {
                heard.add($0)
            }
            defer { subscription.close() }
            try await heard.wait { $0 == [.subscribed] }
            #expect(try await client.command("PUBLISH", "news:one", "a").integer == 1)
            #expect(try await client.command("PUBLISH", "news:two", "b").integer == 1)
            try await heard.wait { $0.count == 3 }
            #expect(try await client.command("CLIENT", "KILL", "TYPE", "pubsub").integer == 1)
            try await heard.wait { $0.last == .subscribed }
            _ = try await client.command("PUBLISH", "news:one", "c")
            try await heard.wait { $0.count == 6 }
            #expect(
                Array(heard.events[0...2]) == [
                    .subscribed, message("news:one", "a"), message("news:two", "b"),
                ]
            )
            guard case .interrupted = heard.events[3] else {
                Issue.record("no interruption: \(heard.events)")
                return
            }
            #expect(Array(heard.events[4...]) == [.subscribed, message("news:one", "c")])
        }
    }
}

private func message(_ channel: String, _ payload: String) -> Subscription.Event {
    .message(channel: channel, payload: Array(payload.utf8))
}

private func outcome(of command: String, _ client: RedisClient) async -> Result<
    RESPValue, RedisError
> {
    do throws(RedisError) {
        return .success(try await client.command(command))
    } catch {
        return .failure(error)
    }
}
