import Glibc
import Transport

/// The files of a queue kept in process: a record written each second, and a journal of what must not be forgotten in
/// between, each line of which is with the kernel before its visitor hears of it.
///
/// A journal begins with the record that it goes on from, both or neither: while no record can be written, the present
/// journal grows, and nothing is deleted.
///
/// A process that is killed loses nothing of either. After the machine itself went down the journal may end early; the
/// record then says that there may be sessions it does not know.
///
/// Unchecked: used under the lock of its queue alone, and before that by whoever makes it.
final class QueueJournal: @unchecked Sendable {
    /// More than the largest room writes.
    private static let limitBytes = 1 << 30

    private let directory: String
    private let path: String
    private let lock: Int32
    private let report: (Bool) -> Void
    private var file: Int32 = -1
    /// Of the journal that is written.
    private var length = 0
    /// Counts the journals; the one that is written has it in its name.
    private(set) var number: Int64 = 0
    /// The oldest journal that may still be there.
    private var oldest: Int64 = 0
    /// Whether the files hold all that happened.
    private var isWhole = true

    /// Why there are no files for a queue.
    enum Problem: Error {
        /// The directory cannot be written to.
        case unwritable
        /// Another process has the room.
        case taken
    }

    /// - Parameter report: hears when not all can be written any more, and when it can again.
    init(directory: String, room: String, report: @escaping (Bool) -> Void = { _ in })
        throws(Problem)
    {
        self.directory = directory
        self.report = report
        path = directory + "/room-" + room
        StateFile.makeDirectory(directory)
        lock = StateFile.open(path + ".lock", O_RDWR, in: directory)
        guard lock >= 0 else { throw .unwritable }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw .taken
        }
    }

    deinit {
        if file >= 0 { close(file) }
        close(lock)
    }

    /// What the last process left behind; nil if there is nothing to go on from.
    func load() -> QueueRecord? {
        guard let text = TextFile.read(path + ".state", limitBytes: Self.limitBytes),
            let end = text.firstRange(of: "\n"),
            var record = QueueRecord(text: String(text[end.upperBound...]))
        else { return nil }
        // Written before the machine last started: what was not on the disk yet is gone.
        if text[..<end.lowerBound] != Self.boot[...] { record.knowsSessions = false }
        oldest = record.journal
        number = record.journal
        var replay = JournalReplay(record)
        // More than one where a process was killed between a journal and its record.
        while let journal = TextFile.read(journalPath(number), limitBytes: Self.limitBytes) {
            let lines = journal.prefix(upTo: journal.lastIndex(of: "\n") ?? journal.startIndex)
            replay.apply(lines.split(separator: "\n"))
            number += 1
        }
        number -= 1
        return replay.record
    }

    /// Lets another process have the room.
    func release() { flock(lock, LOCK_UN) }

    /// Counts on from where the record's writer was.
    func proceed(from record: QueueRecord) {
        number = max(number, record.journal)
        oldest = min(oldest, number)
    }

    /// Writes a record, and begins the journal that goes on from it.
    ///
    /// In this order, so that a process that is killed leaves the former record with all journals since, or this one.
    func write(_ record: QueueRecord) {
        let temporary = path + ".new"
        let start = Array(Self.start(of: record).utf8)
        guard save(record, as: temporary, journal: number + 1), let journal = open(number + 1)
        else {
            return fail(record)
        }
        guard Self.write(start, to: journal), unsafe rename(temporary, path + ".state") == 0 else {
            close(journal)
            return fail(record)
        }
        go(on: journal, length: start.count)
        for old in oldest..<number { _ = unsafe unlink(journalPath(old)) }
        oldest = number
        tell(isWhole: true)
    }

    /// What a journal begins with: how far the line has come, and who of those registered left, which the record does
    /// not say.
    private static func start(of record: QueueRecord) -> String {
        let name = record.registration.name
        return "S \(record.serving)\n"
            + record.moment.withdrawn.map { "W \($0) \(name)\n" }.joined()
    }

    private func save(_ record: QueueRecord, as path: String, journal: Int64) -> Bool {
        var record = record
        record.journal = journal
        let target = StateFile.open(path, O_TRUNC | O_WRONLY, in: directory)
        guard target >= 0 else { return false }
        defer { close(target) }
        return Self.write(Array((Self.boot + "\n" + record.text).utf8), to: target)
    }

    /// An empty journal, the last there is; nil if it cannot be made.
    private func open(_ number: Int64) -> Int32? {
        _ = unsafe unlink(journalPath(number + 1))
        let file = StateFile.open(journalPath(number), O_TRUNC | O_WRONLY | O_APPEND, in: directory)
        return file >= 0 ? file : nil
    }

    private func go(on journal: Int32, length: Int = 0) {
        if file >= 0 { close(file) }
        file = journal
        self.length = length
        number += 1
    }

    /// No record: what was written last still holds, with the journals since.
    private func fail(_ record: QueueRecord) {
        if file < 0, let journal = open(number + 1) {
            go(on: journal)
            append(Self.start(of: record))
        } else {
            served(record.serving)
        }
        tell(isWhole: false)
    }

    private func tell(isWhole: Bool) {
        guard isWhole != self.isWhole else { return }
        self.isWhole = isWhole
        report(isWhole)
    }

    func admitted(_ position: Int64, _ session: SessionID, until: Int64) {
        append("A \(position) \(session.text) \(until)\n")
    }

    func issued(_ tail: Int64) { append("T \(tail)\n") }

    func registered(_ registration: QueueRegistration) {
        append("R" + registration.numbers.map { " \($0)" }.joined() + "\n")
    }

    func left(_ session: SessionID) { append("L \(session.text)\n") }

    func moved(_ position: Int64, count: Int64) { append("M \(position) \(count)\n") }

    func invited(_ position: Int64, _ name: String, isUse: Bool) {
        let use = isUse ? "V \(Base64URL.encode(Array(name.utf8)))\n" : ""
        append("\(use)I \(position)\n")
    }

    /// Says how far the line has come.
    func served(_ serving: Int64) { append("S \(serving)\n") }

    func gaveUp(_ position: Int64) { append("G \(position)\n") }

    func withdrew(_ index: Int64, of name: Int64) { append("W \(index) \(name)\n") }

    private func append(_ line: String) {
        let bytes = Array(line.utf8)
        guard file >= 0, length + bytes.count <= Self.limitBytes else {
            return tell(isWhole: false)
        }
        guard Self.write(bytes, to: file) else {
            // Half a line would be read as something else together with the next one.
            _ = ftruncate(file, off_t(length))
            return tell(isWhole: false)
        }
        length += bytes.count
    }

    private func journalPath(_ number: Int64) -> String { path + ".journal-\(number)" }

    private static let boot =
        (TextFile.read("/proc/sys/kernel/random/boot_id") ?? "").split(separator: "\n").first
        .map(String.init) ?? "unknown"

    private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(file, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }
}
