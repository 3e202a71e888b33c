import Support
import Synchronization
import Testing

@testable import Ticketing

struct TurnstileTests {
    private struct Torn: Error {}

    private final class Record: Sendable {
        let numbers = Mutex<[Int]>([])
    }

    @Test
    func `Those who wait come in one after the other, in their order, whatever becomes of others`()
        async throws
    {
        let turnstile = Turnstile(limit: 1)
        let (gate, opener) = AsyncStream<Void>.makeStream()
        let record = Record()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await turnstile.pass {
                    for await _ in gate {}
                    throw Torn()
                }
            }
            #expect(await soon { turnstile.freeCount == 0 })
            for number in 1...3 {
                group.addTask {
                    try await turnstile.pass { record.numbers.withLock { $0.append(number) } }
                }
                #expect(await soon { turnstile.waitingCount == number })
            }
            #expect(record.numbers.withLock { $0.isEmpty })
            opener.finish()
            try await group.waitForAll()
        }
        #expect(record.numbers.withLock { $0 } == [1, 2, 3])
        #expect(turnstile.freeCount == 1)
    }

    @Test func `Whoever was cancelled while waiting does nothing and keeps no place`() async throws {
        let turnstile = Turnstile(limit: 1)
        let late = try await turnstile.pass {
            let late = Task { try await turnstile.pass { Issue.record("it went in") } }
            #expect(await soon { turnstile.waitingCount == 1 })
            late.cancel()
            return late
        }
        await #expect(throws: CancellationError.self) { try await late.value }
        #expect(turnstile.freeCount == 1)
    }
}
