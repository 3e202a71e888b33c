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
            let record = packed.record
            return (record.text, log.text + Self.withdrawn(record.moment.withdrawn))
        }
    }

    /// Who of those registered left: behind the chain, where programs of before pass over what they do not know.
    private static func withdrawn(_ indexes: [Int64]) -> String {
        indexes.isEmpty ? "" : "withdrawn" + indexes.map { " \($0)" }.joined() + "\n"
    }

    /// The queue that another process packed; nil if it cannot be read.
    static func unpack(record text: String, log: String) -> QueueRecord? {
        guard var record = QueueRecord(text: text) else { return nil }
        let start = log.utf8.dropLast().lastIndex(of: UInt8(ascii: "\n")) ?? log.startIndex
        let words = log[start...].split { $0 == " " || $0 == "\n" }
        guard words.first == "withdrawn" else { return record }
        record.moment.withdrawn = words.dropFirst().compactMap { QueueNumber.read($0) }
            .filter { (1...max(record.registration.count, 1)).contains($0) }
        return record
    }
}
