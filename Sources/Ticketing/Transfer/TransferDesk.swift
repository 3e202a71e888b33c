import Dispatch
import Synchronization

/// Runs transfers on threads of its own, since libcurl blocks: a few lanes, each with one handle that keeps its
/// connections, and a limit to what waits.
final class TransferDesk: Sendable {
    /// A thread's queue and its handle, which only that queue touches.
    private final class Lane: @unchecked Sendable {
        // Unchecked: `handle` is used on `queue` alone, one transfer after another.
        let queue = DispatchQueue(label: "bookme.transfer")
        var handle: CurlHandle?

        func perform(_ transfer: Transfer) throws -> Transfer.Answer {
            let handle = try self.handle ?? CurlHandle()
            self.handle = handle
            return try handle.perform(transfer)
        }
    }

    private static let laneCount = 8
    private static let waitingLimit = 256

    private let places = Turnstile(limit: laneCount)
    /// The lanes that nobody is in; the one that was left last is taken first, since its connection is the warmest.
    private let idle = Mutex((0..<laneCount).map { _ in Lane() })

    private let patience: Milliseconds?

    /// - Parameter patience: how long a transfer may take, in place of what it says itself.
    init(patience: Milliseconds? = nil) { self.patience = patience }

    /// How many more transfers could run now.
    var idleCount: Int { places.freeCount }

    /// Runs a transfer; throws `Transfer.Failure`, or `busy` if too many wait.
    func perform(_ transfer: Transfer) async throws -> Transfer.Answer {
        guard places.waitingCount < Self.waitingLimit else { throw Problem.busy }
        var transfer = transfer
        if let patience { transfer.timeoutMilliseconds = Int(patience) }
        return try await places.pass { [transfer] in
            guard let lane = idle.withLock({ $0.popLast() }) else { throw Problem.busy }
            defer { idle.withLock { $0.append(lane) } }
            return try await withCheckedThrowingContinuation { continuation in
                lane.queue.async {
                    continuation.resume(with: Result { try lane.perform(transfer) })
                }
            }
        }
    }
}
