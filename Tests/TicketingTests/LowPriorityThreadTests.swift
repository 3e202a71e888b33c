import Foundation
import Glibc
import Support
import Synchronization
import Testing

@testable import Ticketing

struct LowPriorityThreadTests {
    private struct Torn: Error, Equatable {}

    private final class Record: Sendable {
        let numbers = Mutex<[Int]>([])
    }

    @Test func `Work is done in the order in which it was asked for, one thing at a time`()
        async throws
    {
        let thread = LowPriorityThread()
        let obstacle = await Obstacle(on: thread)
        let done = Record()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 1...5 {
                group.addTask {
                    try await thread.run {
                        done.numbers.withLock { $0.append(number) }
                        return number
                    }
                }
                #expect(await soon { thread.waitingCount == number })
            }
            #expect(done.numbers.withLock { $0.isEmpty })
            try await obstacle.clear()
            #expect(try await group.reduce(0, +) == 15)
        }
        #expect(done.numbers.withLock { $0 } == [1, 2, 3, 4, 5])
    }

    @Test func `Whoever asked is told what went wrong, and the next one is served`() async throws {
        let thread = LowPriorityThread()
        await #expect(throws: Torn()) { try await thread.run { throw Torn() } }
        #expect(try await thread.run { 7 } == 7)
    }

    @Test func `It asks for less of the processor than others`() async throws {
        let niceness = try await LowPriorityThread().run {
            getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
        }
        #expect(niceness >= 10)
    }

    /// Those who wait keep it; the last of them lets it go.
    @Test func `What was asked for is done though nobody else holds the thread, which ends then`()
        async throws
    {
        let (obstacle, asked) = await Self.leave(3)
        try await obstacle.clear()
        var threads: Set<String> = []
        for task in asked { threads.insert(try await task.value) }
        let own = try #require(threads.first)
        #expect(threads.count == 1)
        let deadline = Deadline(within: Patience.usual)
        while FileManager.default.fileExists(atPath: own), !deadline.hasPassed {
            await Task.yield()
        }
        #expect(!FileManager.default.fileExists(atPath: own))
    }

    /// Asks a thread for so much, while it cannot do anything yet, and lets go of it.
    private static func leave(_ count: Int) async -> (Obstacle, [Task<String, any Error>]) {
        let thread = LowPriorityThread()
        let obstacle = await Obstacle(on: thread)
        let asked = (0..<count).map { _ in
            Task {
                try await thread.run {
                    let path = "/proc/thread-self"
                    return "/proc/"
                        + (try FileManager.default.destinationOfSymbolicLink(atPath: path))
                }
            }
        }
        #expect(await soon { thread.waitingCount == count })
        return (obstacle, asked)
    }
}
