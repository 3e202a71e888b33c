import Synchronization

/// A queue on its way to another process: whole, with its chain of admissions, and written down for whoever has to go
/// on without the one that was to take it.
///
/// Contention: none; packed once, by the thread that sends it.
final class QueueLuggage: Sendable {
    private let queue: Mutex<ProcessQueue?>
    private let log: ReceiptLog

    init(_ queue: ProcessQueue, log: ReceiptLog) {
        self.queue = Mutex(queue)
        self.log = log
    }

    /// What the other process reads. From now on the room's files are free.
    func pack(now: Int64) -> (record: String, log: String) {
        queue.withLock { queue in
            guard var packed = queue.take() else { return ("", "") }
            while true {
                let new = packed.log.entries(after: log.cursor, limit: 1_000)
                log.append(new)
                if new.count < 1_000 { break }
            }
            packed.close(now: now)
            return (packed.record.text, log.text)
        }
    }
}
