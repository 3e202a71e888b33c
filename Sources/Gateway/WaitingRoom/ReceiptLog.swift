import Synchronization
import Transport

/// The chain of admissions: each entry's hash covers the one before it, so that nobody can change, drop or insert one
/// later without changing every root that was published since.
///
/// Contention: a lock held for an append per admission, and for a page of entries by whoever asks; another one for the
/// text of the roots, which whoever asks first after a new one puts together.
final class ReceiptLog: Sendable {
    /// One admission with its place in the chain.
    struct Entry: Sendable {
        let admission: Admission
        let hash: String
    }

    /// The chain's end at a whole minute.
    struct Root: Equatable, Sendable {
        let minute: Int64
        let index: Int64
        let hash: String
    }

    private struct State {
        var entries: RecentEntries<Entry>
        /// The newest entry of each session, by its number.
        var numbers: [String: Int64] = [:]
        var last: [UInt8]
        var roots: [Root] = []
        /// The store's own index of the last entry.
        var cursor: Int64 = 0

        mutating func add(_ entry: Entry) {
            if let old = entries.append(entry)?.admission.sessionDigest,
                numbers[old] == entries.dropped
            {
                numbers[old] = nil
            }
            numbers[entry.admission.sessionDigest] = entries.last
        }
    }

    /// The roots as they were told last.
    private struct ToldRoots {
        var roots: [Root] = []
        var text = ""
    }

    /// So many entries are kept.
    private let entryLimit: Int
    private static let rootLimit = 10_080
    private let state: Mutex<State>
    private let toldRoots = Mutex(ToldRoots())
    private let genesis: [UInt8]

    init(room: String, entryLimit: Int = 100_000) {
        self.entryLimit = entryLimit
        genesis = Digest.sha256(Array("haniel admissions of \(room)".utf8))
        state = Mutex(State(entries: RecentEntries(limit: entryLimit), last: genesis))
    }

    /// The store's index up to which entries are known.
    var cursor: Int64 { state.withLock { $0.cursor } }

    /// What each chain begins with.
    var start: String { Hexadecimal.encode(genesis) }

    /// Appends what is not there yet: two may tell of the same.
    func append(_ admissions: [Admission]) {
        guard !admissions.isEmpty else { return }
        state.withLock { state in
            for admission in admissions where admission.index > state.cursor {
                Self.publish(&state, until: admission.milliseconds)
                let line = Self.line(admission, index: state.entries.last + 1)
                state.last = Digest.sha256(state.last + Array(line.utf8))
                state.add(Entry(admission: admission, hash: Hexadecimal.encode(state.last)))
                state.cursor = admission.index
            }
        }
    }

    /// Notes the root of every whole minute that has passed.
    func pass(now: Int64) { state.withLock { Self.publish(&$0, until: now) } }

    /// What is hashed of an entry, after the hash before it: `index position session time`.
    static func line(_ admission: Admission, index: Int64) -> String {
        "\(index) \(admission.position) \(admission.sessionDigest) \(admission.milliseconds)"
    }

    private static func publish(_ state: inout State, until now: Int64) {
        let minute = now / 60_000
        guard let last = state.roots.last, last.minute >= minute else {
            let hash = Hexadecimal.encode(state.last)
            let root = Root(minute: minute, index: state.entries.last, hash: hash)
            state.roots.append(root)
            if state.roots.count > rootLimit { state.roots.removeFirst(rootLimit / 10) }
            return
        }
    }

    /// Entries behind the one of that number, with the number of the first.
    func entries(after index: Int64, limit: Int) -> (first: Int64, entries: [Entry]) {
        state.withLock { $0.entries.page(after: index, limit: limit) }
    }

    /// The chain for another process that goes on with it.
    var text: String {
        state.withLock { state in
            var text = "\(state.entries.dropped) \(Hexadecimal.encode(state.last))\n"
            for root in state.roots { text += "root \(root.minute) \(root.index) \(root.hash)\n" }
            for entry in state.entries.page(after: 0, limit: entryLimit).entries {
                let admission = entry.admission
                text += "entry \(admission.position) \(admission.sessionDigest)"
                text += " \(admission.milliseconds) \(entry.hash)\n"
            }
            return text
        }
    }

    /// Goes on with a chain that another process began; nothing changes if `text` is none.
    func proceed(from text: String) {
        let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
        guard let head = lines.first, head.count == 2, let dropped = QueueNumber.read(head[0]),
            let last = Hexadecimal.decode(head[1]), last.count == genesis.count
        else { return }
        var roots: [Root] = []
        var entries: [Entry] = []
        for line in lines.dropFirst() {
            let numbers = line.compactMap { QueueNumber.read($0) }
            if line.count == 4, line[0] == "root", numbers.count >= 2 {
                let hash = String(line[3])
                roots.append(Root(minute: numbers[0], index: numbers[1], hash: hash))
            } else if line.count == 5, line[0] == "entry",
                let position = QueueNumber.read(line[1]), let time = QueueNumber.read(line[3])
            {
                let admission = Admission(
                    index: 0,
                    position: position,
                    sessionDigest: String(line[2]),
                    milliseconds: time
                )
                entries.append(Entry(admission: admission, hash: String(line[4])))
            }
        }
        state.withLock { state in
            let kept = RecentEntries<Entry>(limit: entryLimit, after: dropped)
            state = State(entries: kept, last: last, roots: roots)
            for entry in entries { state.add(entry) }
        }
    }

    var roots: [Root] { state.withLock { $0.roots } }

    /// The entry of a session, by what may be known of it; the newest if there are several.
    func entry(of sessionDigest: String) -> (index: Int64, entry: Entry)? {
        state.withLock { state in
            guard let number = state.numbers[sessionDigest],
                let entry = state.entries[number]
            else { return nil }
            return (number, entry)
        }
    }

    /// The roots as JSON.
    var rootsText: String {
        let roots = roots
        return toldRoots.withLock { told in
            guard told.roots.last != roots.last || told.roots.count != roots.count else {
                return told.text
            }
            let texts = roots.map {
                "{\"minute\":\($0.minute * 60_000),\"index\":\($0.index),\"hash\":\"\($0.hash)\"}"
            }
            told = ToldRoots(roots: roots, text: texts.joined(separator: ","))
            return told.text
        }
    }
}
