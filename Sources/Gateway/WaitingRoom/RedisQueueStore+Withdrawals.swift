import Redis
import Synchronization

/// Those who registered and left before the draw: a set per registration, which the functions need not know of.
extension RedisQueueStore {
    /// Given up with one tick.
    private static let withdrawalLimit = 200

    func withdraw(_ index: Int64, of name: Int64, now: Int64) async throws(QueueStoreError) {
        let isAway = memory.withLock { memory in
            memory.withdrawals.note([index], of: name)
            return memory.isFailing
        }
        guard !isAway else { throw .away }
        try await tell([index], of: name)
        // The draw may have been meanwhile.
        memory.withLock { $0.withdrawals.noteMore() }
    }

    func withdrawn(from draw: QueueDraw, now: Int64) async throws(QueueStoreError) -> [Int64] {
        let own = memory.withLock { $0.isFailing ? nil : $0.withdrawals.take(from: draw) }
        guard let own else { return [] }
        do throws(QueueStoreError) {
            for part in parts(of: own, limit: Self.listLimit) {
                try await tell(part, of: draw.name)
            }
            let words = [
                Array("SPOP".utf8), key(of: draw.name), digits(Int64(Self.withdrawalLimit)),
            ]
            let found = (try await send(words).array ?? []).compactMap { word in
                word.text.flatMap { QueueNumber.read($0) }
            }
            if found.count == Self.withdrawalLimit {
                memory.withLock { $0.withdrawals.noteMore() }
            }
            return found
        } catch {
            memory.withLock { $0.withdrawals.note(own, of: draw.name) }
            throw error
        }
    }

    private func tell(_ indexes: [Int64], of name: Int64) async throws(QueueStoreError) {
        let key = key(of: name)
        let reply = try await send([Array("SADD".utf8), key] + indexes.map(digits))
        guard case .integer = reply else { throw .away }
        _ = try await send([Array("EXPIRE".utf8), key, digits(2_764_800)])
    }

    /// Of this registration in this queue: one that begins anew may have another of that name.
    private func key(of name: Int64) -> [UInt8] {
        Array("wr:{\(room)}:wdr:\(snapshot().baseEpoch):\(name)".utf8)
    }
}
