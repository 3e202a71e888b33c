import Synchronization
import Testing

@testable import Transport

@Suite struct ReactorTests {
    @Test func `A task spawned from another thread runs on the reactor's`() async throws {
        let reactor = try Reactor()
        try reactor.start()
        defer { reactor.stop() }
        #expect(!reactor.isCurrent)
        #expect(Reactor.current == nil)
        let (isThere, isKnown) = await withCheckedContinuation { continuation in
            reactor.spawn {
                continuation.resume(returning: (reactor.isCurrent, Reactor.current === reactor))
            }
        }
        #expect(isThere)
        #expect(isKnown)
    }

    @Test func `A task stays on its reactor after it has waited for one on another`() async throws {
        let other = try Reactor()
        try other.start()
        defer { other.stop() }
        let isBack = try await onReactor { reactor in
            await withCheckedContinuation { continuation in other.spawn { continuation.resume() } }
            return reactor.isCurrent
        }
        #expect(isBack)
    }

    @Test func `No task spawned from other threads is lost`() async throws {
        let reactor = try Reactor()
        try reactor.start()
        defer { reactor.stop() }
        let runs = Runs()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<500 {
                        await withCheckedContinuation { continuation in
                            reactor.spawn {
                                runs.count.add(1, ordering: .relaxed)
                                continuation.resume()
                            }
                        }
                    }
                }
            }
        }
        #expect(runs.count.load(ordering: .relaxed) == 4000)
    }

    @Test func `Sleepers wake in the order of their deadlines, none before its time`() async throws {
        let order = try await onReactor { reactor in
            let notes = Notes<Int>()
            let gate = Gate()
            let begun = reactor.now
            for milliseconds in [60, 20, 40, 0] {
                reactor.spawn(with: (notes, gate)) { notes, gate in
                    await reactor.sleep(for: .milliseconds(milliseconds))
                    let elapsed = reactor.now.nanoseconds(since: begun)
                    notes.items.append(
                        elapsed >= UInt64(milliseconds) * 1_000_000 ? milliseconds : -1
                    )
                    if notes.items.count == 4 { gate.open() }
                }
            }
            _ = await gate.pass(on: reactor)
            return notes.items
        }
        #expect(order == [0, 20, 40, 60])
    }

    @Test func `A task that yields lets the others have their turn`() async throws {
        let order = try await onReactor { reactor in
            let notes = Notes<String>()
            let gate = Gate()
            for name in ["a", "b", "c"] {
                reactor.spawn(with: (notes, gate)) { notes, gate in
                    for _ in 0..<3 {
                        notes.items.append(name)
                        await reactor.yield()
                    }
                    if notes.items.count == 9 { gate.open() }
                }
            }
            _ = await gate.pass(on: reactor)
            return notes.items.joined()
        }
        #expect(order == "abcabcabc")
    }

    @Test func `A task that yields without end keeps neither sockets nor timers from being seen`()
        async throws
    {
        try await onReactor { reactor in
            let gate = Gate()
            let pair = try await StreamPair(on: reactor)
            reactor.spawn(with: (pair.server, gate)) { server, gate in
                _ = try? await server.receive()
                await reactor.sleep(for: .milliseconds(8))
                gate.open()
            }
            try await pair.client.send("now")
            let limit = reactor.now.advanced(by: .seconds(20))
            while !gate.isOpen, Instant.current() < limit { await reactor.yield() }
            #expect(gate.isOpen)
        }
    }

    @Test func `What happened before the task suspends is not waited for`() async throws {
        try await onReactor { reactor in
            let waiter = Waiter()
            let wake = await reactor.wait(for: waiter, until: .distantFuture) { true }
            guard case .ready = wake else {
                Issue.record("\(wake)")
                return
            }
            #expect(!waiter.isWaiting)
        }
    }

    @Test func `A wake-up for nobody is forgotten`() async throws {
        try await onReactor { reactor in
            let waiter = Waiter()
            waiter.wake(.ready)
            let wake = await reactor.wait(
                for: waiter,
                until: reactor.now.advanced(by: .milliseconds(5))
            )
            guard case .timedOut = wake else {
                Issue.record("\(wake)")
                return
            }
        }
    }

    @Test func `An event that comes before the reader waits is seen`() async throws {
        try await onReactor { reactor in
            let pair = try await StreamPair(on: reactor)
            try await pair.client.send("early")
            #expect(await reactor.turns { pair.server.hasReceived })
            try await pair.server.waitReadable(until: reactor.now)
            #expect(try await pair.server.receiveText(count: 5) == "early")
        }
    }

    @Test func `Stopping ends the loop`() async throws {
        let reactor = try Reactor()
        try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Void, any Error>) in
            do {
                try Thread.start {
                    reactor.run()
                    continuation.resume()
                }
            } catch {
                continuation.resume(throwing: error)
            }
            reactor.stop()
        }
    }
}

private final class Runs: Sendable {
    let count = Atomic(0)
}
