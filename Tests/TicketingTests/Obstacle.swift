import Transport

@testable import Ticketing

/// Keeps a thread of low priority from all other work until it is cleared.
final class Obstacle: Sendable {
    private let gate = Semaphore()
    private let task: Task<Void, any Error>

    /// Returns once the thread is busy with it.
    init(on thread: LowPriorityThread) async {
        let (begun, announcement) = AsyncStream<Void>.makeStream()
        task = Task { [gate] in
            try await thread.run {
                announcement.finish()
                gate.wait()
            }
        }
        for await _ in begun {}
    }

    deinit { open() }

    func open() { gate.signal() }

    /// Returns once the thread is done with it.
    func clear() async throws {
        open()
        try await task.value
    }
}
