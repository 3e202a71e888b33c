import Testing
import Transport

@testable import Redis

/// A queue played by hand; a class, since `#expect` takes no mutating call.
private final class Line {
    private var queue: CommandQueue

    init(countLimit: Int = 10, bytesLimit: Int = 100) {
        queue = CommandQueue(countLimit: countLimit, bytesLimit: bytesLimit)
    }

    var count: Int { queue.count }

    func add(_ command: PendingCommand) -> Bool { queue.add(command) }

    /// Adds commands that are named by their bytes.
    func adding(_ names: String...) -> [PendingCommand] {
        let commands = names.map { PendingCommand(Array($0.utf8)) }
        for command in commands { _ = add(command) }
        return commands
    }

    func fits(_ name: String) -> Bool { queue.add(PendingCommand(Array(name.utf8))) }

    func taken(limitBytes: Int = 1000) -> String {
        String(
            decoding: queue.takeUnsent(limitBytes: limitBytes, now: Instant(nanoseconds: 1)),
            as: UTF8.self
        )
    }

    func answer(_ reply: RESPValue) -> Bool { queue.answer(reply) }
    func abandon(_ command: PendingCommand) { queue.abandon(command) }
    func loseConnection() { queue.loseConnection() }
    func refuseUnsent(_ error: RedisError) { queue.refuseUnsent(error) }
}

@Suite struct CommandQueueTests {
    @Test
    func `Replies go to the commands in the order they were sent`() {
        let queue = Line()
        let commands = queue.adding("a", "b", "c")
        #expect(queue.taken() == "abc")
        for number in 0..<3 { #expect(queue.answer(.integer(Int64(number)))) }
        #expect(
            commands.map(\.result) == [
                .success(.integer(0)), .success(.integer(1)), .success(.integer(2)),
            ]
        )
    }

    @Test
    func `A reply nobody asked for is noticed`() {
        let queue = Line()
        #expect(!queue.answer(.null))
        #expect(queue.fits("a"))
        #expect(!queue.answer(.null))
    }

    @Test
    func `A command given up before it was sent is never sent`() {
        let queue = Line()
        let commands = queue.adding("a", "b", "c")
        queue.abandon(commands[1])
        #expect(queue.taken() == "ac")
        #expect(!commands[1].wasSent)
    }

    @Test
    func `A command given up after it was sent keeps its place until its reply came`() {
        let queue = Line()
        let commands = queue.adding("a", "b")
        #expect(queue.taken() == "ab")
        queue.abandon(commands[0])
        #expect(queue.answer(.integer(1)))
        #expect(queue.answer(.integer(2)))
        #expect(commands[1].result == .success(.integer(2)))
    }

    @Test
    func `A lost connection leaves the sent ones unknown and the unsent ones waiting`() {
        let queue = Line()
        let commands = queue.adding("a", "b")
        #expect(queue.taken(limitBytes: 1) == "a")
        queue.loseConnection()
        #expect(commands.map(\.result) == [.failure(.unknownOutcome), nil])
        queue.refuseUnsent(.unavailable("gone"))
        #expect(commands[1].result == .failure(.unavailable("gone")))
        #expect(queue.count == 0)
    }

    @Test
    func `An error is thrown as a refusal`() {
        let queue = Line()
        let failing = queue.adding("a")[0]
        _ = queue.taken()
        #expect(queue.answer(.error("OOM command not allowed")))
        #expect(failing.result == .failure(.refused("OOM command not allowed")))
        #expect(RedisError.refused("OOM command not allowed").refusalCode == "OOM")
    }

    @Test
    func `The queue has a limit in commands and in bytes`() {
        let queue = Line(countLimit: 3, bytesLimit: 10)
        #expect(queue.fits("1234567890"))
        #expect(!queue.fits("1"))
        #expect(queue.taken() == "1234567890")
        #expect(queue.fits("1"))
        #expect(queue.fits("2"))
        #expect(!queue.fits("3"))
        #expect(queue.answer(.null))
        #expect(queue.fits("3"))
    }

    @Test
    func `A long queue stays in order`() {
        var queue = FIFO<Int>()
        var added = 0
        var removed: [Int] = []
        for round in 1..<200 {
            for _ in 0..<round {
                queue.append(added)
                added += 1
            }
            for _ in 0..<round * 9 / 10 { removed += queue.popFirst().map { [$0] } ?? [] }
        }
        #expect(removed == Array(0..<removed.count))
        #expect(queue.count == added - removed.count)
    }

    @Test(arguments: [(0, 50), (1, 100), (2, 200), (6, 3200), (7, 5000), (70, 5000)])
    func `Pauses double up to the limit and never fall below half of the step`(
        failures: Int,
        step: UInt64
    ) {
        for random: UInt64 in [0, 1, 24, 25, 26, 1 << 40, .max] {
            var backoff = Backoff(firstMilliseconds: 50, limitMilliseconds: 5000)
            for _ in 0..<failures { _ = backoff.next(random: 0) }
            let pause = backoff.next(random: random)
            #expect(pause <= step)
            #expect(pause >= step / 2)
        }
    }
}
