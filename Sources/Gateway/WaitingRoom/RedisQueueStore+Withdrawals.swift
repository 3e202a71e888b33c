import Redis
import Synchronization

/// Those who registered and left before the draw: a set per registration, which the functions need not know of.
extension RedisQueueStore {
    /// Given up with one tick, one after the other: ticks are to come in time, most of all after a draw.
    private static let withdrawalLimit = 20

    func withdraw(_ index: Int64, of name: Int64, epoch: Int64, now: Int64)
        async throws(QueueStoreError)
    {
        let (known, isAway) = memory.withLock { memory in
            let known = memory.snapshot
            if known.epoch > 0, known.covers(epoch: epoch) {
                memory.withdrawals.note([index], of: name, base: known.baseEpoch)
            }
            return (known, memory.isFailing)
        }
        // Of a line that is not known here nobody can say who the visitor is.
        guard known.epoch > 0, epoch <= known.epoch, !isAway else { throw .away }
        guard known.covers(epoch: epoch) else { return }
        try await tell([index], of: name, base: known.baseEpoch)
        // The draw may have been meanwhile.
        memory.withLock { $0.withdrawals.noteMore() }
    }

    func withdrawn(from draw: QueueDraw, now: Int64) async throws(QueueStoreError) -> [Int64] {
        let due = memory.withLock { memory -> (base: Int64, own: [Int64])? in
            let base = memory.snapshot.baseEpoch
            guard !memory.isFailing, memory.snapshot.draw == draw else { return nil }
            return memory.withdrawals.take(from: draw, base: base, limit: Self.listLimit)
                .map { (base, $0) }
        }
        guard let (base, own) = due else { return [] }
        do throws(QueueStoreError) {
            if !own.isEmpty { try await tell(own, of: draw.name, base: base) }
            let words = [
                Array("SPOP".utf8), key(of: draw.name, base: base),
                digits(Int64(Self.withdrawalLimit)),
            ]
            let found = (try await send(words).array ?? []).compactMap { word in
                word.text.flatMap { QueueNumber.read($0) }
            }
            if found.count == Self.withdrawalLimit {
                memory.withLock { $0.withdrawals.noteMore() }
            }
            return found
        } catch {
            memory.withLock { $0.withdrawals.note(own, of: draw.name, base: base) }
            throw error
        }
    }

    private func tell(_ indexes: [Int64], of name: Int64, base: Int64)
        async throws(QueueStoreError)
    {
        let key = key(of: name, base: base)
        let reply = try await send([Array("SADD".utf8), key] + indexes.map(digits))
        guard case .integer = reply else { throw .away }
        _ = try await send([Array("EXPIRE".utf8), key, digits(2_764_800)])
    }

    /// Of this registration in this queue: one that begins anew may have another of that name.
    private func key(of name: Int64, base: Int64) -> [UInt8] {
        Array("wr:{\(room)}:wdr:\(base):\(name)".utf8)
    }
}
