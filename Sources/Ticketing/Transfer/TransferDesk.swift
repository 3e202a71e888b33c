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

    private let lanes: [Lane]
    private let state = Mutex((waiting: 0, turn: 0))

    private let patience: Milliseconds?

    /// - Parameter patience: how long a transfer may take, in place of what it says itself.
    init(patience: Milliseconds? = nil) {
        self.patience = patience
        lanes = (0..<Self.laneCount).map { _ in Lane() }
    }

    /// Runs a transfer; throws `Transfer.Failure`, or `busy` if too many wait.
    func perform(_ transfer: Transfer) async throws -> Transfer.Answer {
        let turn: Int? = state.withLock { state in
            guard state.waiting < Self.waitingLimit else { return nil }
            state.waiting += 1
            state.turn = (state.turn + 1) % Self.laneCount
            return state.turn
        }
        guard let turn else { throw Problem.busy }
        defer { state.withLock { $0.waiting -= 1 } }
        let lane = lanes[turn]
        var transfer = transfer
        if let patience { transfer.timeoutMilliseconds = Int(patience) }
        return try await withCheckedThrowingContinuation { continuation in
            lane.queue.async { [transfer] in
                continuation.resume(with: Result { try lane.perform(transfer) })
            }
        }
    }
}
