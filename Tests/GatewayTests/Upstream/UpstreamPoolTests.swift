import Testing
import Transport

@testable import Gateway

@Suite struct UpstreamPoolTests {
    /// A pool of servers that listen on the loopback and accept whatever comes, on one reactor.
    final class Scene {
        let pool: UpstreamPool
        let states: [ServerState]
        private let listeners: [ListeningSocket]
        private(set) var accepted: [ByteStream] = []

        init(
            _ count: Int = 1,
            on reactor: Reactor,
            _ change: (inout Configuration.Upstream) -> Void = { _ in }
        ) throws {
            listeners = try (0..<count).map { _ in
                try ListeningSocket(.ip(IPAddress(v4: 0x7F00_0001), port: 0), on: reactor)
            }
            states = listeners.enumerated().map { ServerState(name: "\($0)", address: $1.address) }
            var configuration = Configuration.Upstream(name: "origin", servers: [])
            change(&configuration)
            pool = UpstreamPool(
                Upstream(index: 0, configuration, servers: states),
                on: reactor,
                through: OutputPool()
            )
            for listener in listeners {
                reactor.spawn(with: (listener, self)) { await $1.accept(from: $0) }
            }
        }

        private func accept(from listener: ListeningSocket) async {
            while let (stream, _) = try? await listener.accept() { accepted.append(stream) }
        }

        func close() {
            for listener in listeners { listener.close() }
            for stream in accepted { stream.close() }
            pool.closeIdle()
        }

        func names(_ count: Int, excluding tried: [ServerState] = []) -> String {
            (0..<count).map { _ in pool.pick(excluding: tried)?.state.name ?? "-" }.joined()
        }
    }

    private static func play(_ story: @escaping @Sendable (Reactor) async throws -> Void)
        async throws
    {
        try await onReactor(story)
    }

    @Test func `One client leaves an eighth of the connections to others`() async throws {
        try await Self.play { reactor in
            let scene = try Scene(on: reactor) { $0.connectionCount = 16 }
            defer { scene.close() }
            let server = scene.pool.servers[0]
            let (greedy, other) = (IPAddress(v4: 1), IPAddress(v4: 2))
            var lent: [UpstreamConnection] = []
            for _ in 0..<14 {
                lent.append(try await scene.pool.lease(server, fresh: false, for: greedy))
            }
            await #expect(throws: Failure.self) {
                _ = try await scene.pool.lease(server, fresh: false, for: greedy)
            }
            lent.append(try await scene.pool.lease(server, fresh: false, for: other))
            lent.append(try await scene.pool.lease(server, fresh: false))
            // What the first gives back it may have again, kept as it is.
            scene.pool.giveBack(lent[0], to: server, reusable: true)
            #expect(try await scene.pool.lease(server, fresh: false, for: greedy) === lent[0])
            for connection in lent { scene.pool.giveBack(connection, to: server, reusable: false) }
            #expect(server.inFlightCount == 0)
        }
    }

    @Test func `Round robin gives every server its turn`() async throws {
        try await Self.play { reactor in
            let scene = try Scene(3, on: reactor) { $0.balance = .roundRobin }
            defer { scene.close() }
            let names = scene.names(9)
            #expect(["012012012", "120120120", "201201201"].contains(names))
        }
    }

    @Test(arguments: Configuration.Balance.allCases)
    func `A server that is not usable, or was tried, gets no request`(
        _ balance: Configuration.Balance
    ) async throws {
        try await Self.play { reactor in
            let scene = try Scene(3, on: reactor) { $0.balance = balance }
            defer { scene.close() }
            scene.states[0].setHealthy(false)
            #expect(Set(scene.names(10)) == ["1", "2"])
            #expect(Set(scene.names(10, excluding: [scene.states[2]])) == ["1"])
            #expect(scene.names(2, excluding: scene.states) == "--")
            for _ in 0..<5 { scene.states[1].noteFailure(at: reactor.now, ejection: .init()) }
            #expect(Set(scene.names(10)) == ["2"])
            // Where all that are well are being sat out, one of them is better than none.
            scene.states[2].setHealthy(false)
            #expect(scene.names(1) == "1")
            scene.states[1].setHealthy(false)
            #expect(scene.names(1) == "-")
            scene.states[0].setHealthy(true)
            #expect(scene.names(1) == "0")
        }
    }

    @Test func `The server with the fewest requests in flight is next, and equals share`()
        async throws
    {
        try await Self.play { reactor in
            let scene = try Scene(3, on: reactor)
            defer { scene.close() }
            #expect(Set(scene.names(3)) == ["0", "1", "2"])
            let servers = scene.pool.servers
            let first = try await scene.pool.lease(servers[0], fresh: false)
            let second = try await scene.pool.lease(servers[1], fresh: false)
            #expect(Set(scene.names(6)) == ["2"])
            let third = try await scene.pool.lease(servers[2], fresh: false)
            #expect(Set(scene.names(3)) == ["0", "1", "2"])
            scene.pool.giveBack(second, to: servers[1], reusable: true)
            #expect(Set(scene.names(6)) == ["1"])
            scene.pool.giveBack(first, to: servers[0], reusable: false)
            scene.pool.giveBack(third, to: servers[2], reusable: true)
            #expect(servers.map(\.inFlightCount) == [0, 0, 0])
        }
    }

    @Test func `A connection is kept and used again, the one used last first`() async throws {
        try await Self.play { reactor in
            let scene = try Scene(on: reactor)
            defer { scene.close() }
            let server = try #require(scene.pool.pick(excluding: []))
            let first = try await scene.pool.lease(server, fresh: false)
            let second = try await scene.pool.lease(server, fresh: false)
            #expect(first !== second)
            scene.pool.giveBack(first, to: server, reusable: true)
            scene.pool.giveBack(second, to: server, reusable: true)
            #expect(try await scene.pool.lease(server, fresh: false) === second)
            let fresh = try await scene.pool.lease(server, fresh: true)
            #expect(fresh !== first)
            #expect(try await scene.pool.lease(server, fresh: false) === first)
        }
    }

    @Test func `A connection that may not be used again is closed`() async throws {
        try await Self.play { reactor in
            let scene = try Scene(on: reactor) {
                $0.requestsPerConnection = 2
                $0.keepAliveCount = 1
            }
            defer { scene.close() }
            let server = try #require(scene.pool.pick(excluding: []))
            let refused = try await scene.pool.lease(server, fresh: false)
            scene.pool.giveBack(refused, to: server, reusable: false)
            #expect(!refused.stream.isOpen)

            let worn = try await scene.pool.lease(server, fresh: false)
            worn.requestCount = 2
            scene.pool.giveBack(worn, to: server, reusable: true)
            #expect(!worn.stream.isOpen)

            let kept = try await scene.pool.lease(server, fresh: false)
            let surplus = try await scene.pool.lease(server, fresh: false)
            scene.pool.giveBack(kept, to: server, reusable: true)
            scene.pool.giveBack(surplus, to: server, reusable: true)
            #expect(kept.stream.isOpen && !surplus.stream.isOpen)
        }
    }

    @Test func `A connection that the server has closed is not used again`() async throws {
        try await Self.play { reactor in
            let scene = try Scene(on: reactor)
            defer { scene.close() }
            let server = try #require(scene.pool.pick(excluding: []))
            let old = try await scene.pool.lease(server, fresh: false)
            scene.pool.giveBack(old, to: server, reusable: true)
            while scene.accepted.isEmpty { await reactor.sleep(for: .zero) }
            scene.accepted[0].close()
            while !old.stream.peerHasFinished { await reactor.sleep(for: .zero) }
            let new = try await scene.pool.lease(server, fresh: false)
            #expect(new !== old)
            #expect(!old.stream.isOpen)
        }
    }

    @Test func `Idle connections end with their time, by lease and by sweep`() async throws {
        try await Self.play { reactor in
            let scene = try Scene(on: reactor) { $0.timeouts.idle = .seconds(30) }
            defer { scene.close() }
            let server = try #require(scene.pool.pick(excluding: []))
            let old = try await scene.pool.lease(server, fresh: false)
            let young = try await scene.pool.lease(server, fresh: false)
            scene.pool.giveBack(old, to: server, reusable: true)
            scene.pool.giveBack(young, to: server, reusable: true)
            scene.pool.sweep()
            #expect(old.stream.isOpen && young.stream.isOpen)
            old.idleSince = Instant(nanoseconds: reactor.now.nanoseconds - 30_000_000_000)
            scene.pool.sweep()
            #expect(!old.stream.isOpen && young.stream.isOpen)
            young.idleSince = old.idleSince
            let new = try await scene.pool.lease(server, fresh: false)
            #expect(new !== young && !young.stream.isOpen)
        }
    }

    @Test
    func `No server gets more connections than it may, and a place that is free again is given`()
        async throws
    {
        try await Self.play { reactor in
            let scene = try Scene(on: reactor) { $0.connectionCount = 2 }
            defer { scene.close() }
            let server = try #require(scene.pool.pick(excluding: []))
            let first = try await scene.pool.lease(server, fresh: false)
            _ = try await scene.pool.lease(server, fresh: false)
            let refused = await #expect(throws: Failure.self) {
                _ = try await scene.pool.lease(server, fresh: false)
            }
            #expect(refused?.kind == .busyUpstream)
            scene.pool.giveBack(first, to: server, reusable: false)
            _ = try await scene.pool.lease(server, fresh: false)
            #expect(server.inFlightCount == 2)
        }
    }

    @Test
    func
        `A server that cannot be reached is a failure that may be tried elsewhere, and holds no place`()
        async throws
    {
        try await Self.play { reactor in
            let scene = try Scene(on: reactor) { $0.connectionCount = 1 }
            scene.close()
            let server = try #require(scene.pool.pick(excluding: []))
            for _ in 0..<3 {
                let failure = await #expect(throws: Failure.self) {
                    _ = try await scene.pool.lease(server, fresh: false)
                }
                #expect(failure?.kind == .upstreamConnect)
                #expect(failure?.party == .upstream)
                guard case .always = failure?.retry else {
                    Issue.record("nothing was sent")
                    return
                }
            }
            #expect(server.inFlightCount == 0)
        }
    }

    @Test func `A connection of HTTP/2 ends once it is idle, also when nobody sweeps any more`()
        async throws
    {
        try await Self.play { reactor in
            let scene = try Scene(on: reactor) {
                $0.version = .h2
                $0.timeouts.idle = .milliseconds(50)
            }
            defer { scene.close() }
            let server = try #require(scene.pool.pick(excluding: []))
            let session = try await scene.pool.leaseSession(server)
            scene.pool.giveBack(server)
            while scene.accepted.isEmpty { await reactor.sleep(for: .zero) }
            let end = reactor.now.advanced(by: .seconds(10))
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
            defer { unsafe buffer.deallocate() }
            while try await unsafe scene.accepted[0].read(into: buffer, until: end) > 0 {}
            #expect(!session.hasRoom)
        }
    }

    @Test func `A new configuration keeps the connections of servers that stay`() async throws {
        try await Self.play { reactor in
            let scene = try Scene(2, on: reactor)
            defer { scene.close() }
            let servers = scene.pool.servers
            let staying = try await scene.pool.lease(servers[0], fresh: false)
            let leaving = try await scene.pool.lease(servers[1], fresh: false)
            scene.pool.giveBack(staying, to: servers[0], reusable: true)
            scene.pool.giveBack(leaving, to: servers[1], reusable: true)
            let configuration = Configuration.Upstream(name: "origin", servers: [])
            let heir = UpstreamPool(
                Upstream(index: 0, configuration, servers: [scene.states[0]]),
                on: reactor,
                through: OutputPool()
            )
            heir.inherit(from: scene.pool)
            #expect(!leaving.stream.isOpen)
            #expect(try await heir.lease(heir.servers[0], fresh: false) === staying)
        }
    }
}
