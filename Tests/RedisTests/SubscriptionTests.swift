import Testing
import Transport

@testable import Redis

/// A subscription against servers that do as they are told.
@Suite struct SubscriptionTests {
    private static let confirmation = "*3\r\n$10\r\npsubscribe\r\n$2\r\na*\r\n:1\r\n"
    private static let message = "*4\r\n$8\r\npmessage\r\n$2\r\na*\r\n$2\r\nab\r\n$2\r\nhi\r\n"
    private static let opening =
        ScriptedServer.login + [.expect("PSUBSCRIBE\r\n$2\r\na*\r\n"), .answer(confirmation)]

    private static func listen(
        _ scripts: [[ScriptedServer.Step]],
        heartbeatMilliseconds: UInt64 = 10_000,
        _ body: @escaping @Sendable (Heard, ScriptedServer) async throws -> Void
    ) async throws {
        try await onReactor { reactor in
            let server = try ScriptedServer(scripts, on: reactor)
            var configuration = RedisConfiguration(try RedisURL(server.url))
            configuration.firstBackoffMilliseconds = 1
            configuration.backoffLimitMilliseconds = 10
            configuration.heartbeatMilliseconds = heartbeatMilliseconds
            let heard = Heard(reactor)
            let subscription = Subscription(configuration, pattern: "a*", on: reactor) {
                heard.add($0)
            }
            defer {
                subscription.close()
                server.close()
            }
            try await body(heard, server)
        }
    }

    private static func isInterruption(_ event: Subscription.Event) -> Bool {
        if case .interrupted = event { return true }
        return false
    }

    @Test
    func `Messages that come with the confirmation are heard after it`() async throws {
        try await Self.listen([Self.opening + [.answer(Self.message + Self.message), .silence]]) {
            heard,
            _ in
            try await heard.wait { $0.count == 3 }
            let message = Subscription.Event.message(channel: "ab", payload: Array("hi".utf8))
            #expect(heard.events == [.subscribed, message, message])
        }
    }

    @Test
    func `A server that says nothing is asked, and given up when it does not answer`() async throws {
        let scripts = [Self.opening + [.silence], Self.opening + [.silence]]
        try await Self.listen(scripts, heartbeatMilliseconds: 50) { heard, server in
            try await heard.wait { $0.filter { $0 == .subscribed }.count == 2 }
            #expect(Self.isInterruption(heard.events[1]))
            #expect(server.received[0].hasSuffix("*1\r\n$4\r\nPING\r\n"))
        }
    }

    @Test(arguments: [
        "-NOPERM no\r\n", ":1\r\n", "*0\r\n", "*4\r\n$8\r\npmessage\r\n:1\r\n:2\r\n:3\r\n", "x\r\n",
    ])
    func `A server that answers something else is tried again`(answer: String) async throws {
        let refused = ScriptedServer.login + [.expect("PSUBSCRIBE"), .answer(answer), .silence]
        try await Self.listen([refused, Self.opening + [.silence]]) { heard, _ in
            try await heard.wait { $0.last == .subscribed }
            #expect(heard.events.count == 2)
            #expect(Self.isInterruption(heard.events[0]))
        }
    }
}
