import Synchronization
import Testing
import Transport

@testable import Gateway

@Suite struct ServerStateTests {
    private static let start = Instant(nanoseconds: 1_000_000_000)

    private static func ejection(_ failures: Int) -> Configuration.Ejection {
        .init(failures: failures, duration: .seconds(10))
    }

    private static func server() -> ServerState {
        ServerState(name: "app", address: .unix(path: "/app"))
    }

    @Test func `The state of a server lasts as long as somebody has it`() throws {
        let shared = try SharedState(Configuration(), workerCount: 1)
        func server(_ name: String = "app") -> ServerState {
            shared.server(upstream: "app", name: name, at: .unix(path: "/\(name)"))
        }
        var first: ServerState? = server()
        #expect(server() === first)
        first?.noteFailure(at: Self.start, ejection: Self.ejection(2))
        weak let known = first
        first = nil
        // Once nobody has it, what is known of it goes with the next that is asked for: itself, as it was at first, or
        // another.
        #expect(server().failureCount.load(ordering: .relaxed) == 0)
        _ = server("other")
        #expect(known == nil)
    }

    @Test(arguments: [1, 2, 5, 1000])
    func `A server is left out after so many failures in a row, and comes back in time`(
        _ count: Int
    ) {
        let server = Self.server()
        for _ in 1..<max(1, count) {
            server.noteFailure(at: Self.start, ejection: Self.ejection(count))
            #expect(server.isUsable(at: Self.start))
        }
        server.noteFailure(at: Self.start, ejection: Self.ejection(count))
        #expect(!server.isUsable(at: Self.start))
        #expect(!server.isUsable(at: Self.start.advanced(byNanoseconds: 9_999_999_999)))
        #expect(server.isUsable(at: Self.start.advanced(by: .seconds(10))))
        #expect(server.failureCount.load(ordering: .relaxed) == UInt64(count))
    }

    @Test func `A success between failures counts from the beginning`() {
        let server = Self.server()
        for _ in 0..<10 {
            server.noteFailure(at: Self.start, ejection: Self.ejection(2))
            server.noteSuccess()
        }
        #expect(server.isUsable(at: Self.start))
        #expect(server.requestCount.load(ordering: .relaxed) == 10)
    }

    @Test func `After it came back, it is left out again only after as many failures`() {
        let server = Self.server()
        for _ in 0..<2 { server.noteFailure(at: Self.start, ejection: Self.ejection(2)) }
        let later = Self.start.advanced(by: .seconds(11))
        server.noteFailure(at: later, ejection: Self.ejection(2))
        #expect(server.isUsable(at: later))
        server.noteFailure(at: later, ejection: Self.ejection(2))
        #expect(!server.isUsable(at: later))
    }

    @Test func `Where failures do not count, nobody is left out`() {
        let server = Self.server()
        for _ in 0..<100 { server.noteFailure(at: Self.start, ejection: Self.ejection(0)) }
        #expect(server.isUsable(at: Self.start))
    }

    @Test func `What health checks say counts beside it`() {
        let server = Self.server()
        server.setHealthy(false)
        #expect(!server.isUsable(at: Self.start) && !server.passesHealthChecks)
        server.setHealthy(true)
        #expect(server.isUsable(at: Self.start) && server.passesHealthChecks)
    }
}
