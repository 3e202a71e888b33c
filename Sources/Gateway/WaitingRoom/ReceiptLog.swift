import Synchronization
import Transport

/// The chain of admissions: each entry's hash covers the one before it, so that nobody can change, drop or insert one
/// later without changing every root that was published since.
///
/// Contention: a lock held for an append per admission, and for a page of entries by whoever asks.
final class ReceiptLog: Sendable {
    /// One admission with its place in the chain.
    struct Entry: Sendable {
        let admission: Admission
        let hash: String
    }

    /// The chain's end at a whole minute.
    struct Root: Sendable {
        let minute: Int64
        let index: Int64
        let hash: String
    }

    private struct State {
        var entries: [Entry] = []
        var dropped: Int64 = 0
        var last: [UInt8]
        var roots: [Root] = []
        /// The store's own index of the last entry.
        var cursor: Int64 = 0
    }

    private static let entryLimit = 100_000
    private static let rootLimit = 10_080
    private let state: Mutex<State>
    private let genesis: [UInt8]

    init(room: String) {
        genesis = Digest.sha256(Array("haniel admissions of \(room)".utf8))
        state = Mutex(State(last: genesis))
    }

    /// The store's index up to which entries are known.
    var cursor: Int64 { state.withLock { $0.cursor } }

    /// What each chain begins with.
    var start: String { WaitingRoom.hex(genesis) }

    /// Appends what is not there yet: two may tell of the same.
    func append(_ admissions: [Admission]) {
        guard !admissions.isEmpty else { return }
        state.withLock { state in
            for admission in admissions where admission.index > state.cursor {
                Self.publish(&state, until: admission.milliseconds)
                let line = Self.line(
                    admission,
                    index: state.dropped + Int64(state.entries.count) + 1
                )
                state.last = Digest.sha256(state.last + Array(line.utf8))
                state.entries.append(
                    Entry(admission: admission, hash: WaitingRoom.hex(state.last))
                )
                state.cursor = admission.index
            }
            if state.entries.count >= 2 * Self.entryLimit {
                state.entries.removeFirst(Self.entryLimit)
                state.dropped += Int64(Self.entryLimit)
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
            let index = state.dropped + Int64(state.entries.count)
            let root = Root(minute: minute, index: index, hash: WaitingRoom.hex(state.last))
            state.roots.append(root)
            if state.roots.count > rootLimit { state.roots.removeFirst(rootLimit / 10) }
            return
        }
    }

    /// Entries behind the one of that number, with the number of the first.
    func entries(after index: Int64, limit: Int) -> (first: Int64, entries: [Entry]) {
        state.withLock { state in
            let start = Int(clamping: max(max(index, 0) - state.dropped, 0))
            let end = state.dropped + Int64(state.entries.count)
            guard start < state.entries.count else { return (end + 1, []) }
            let page = state.entries[start...].prefix(max(limit, 0))
            return (state.dropped + Int64(start) + 1, Array(page))
        }
    }

    /// The chain for another process that goes on with it.
    var text: String {
        state.withLock { state in
            let dropped = state.dropped + Int64(max(state.entries.count - Self.entryLimit, 0))
            var text = "\(dropped) \(WaitingRoom.hex(state.last))\n"
            for root in state.roots { text += "root \(root.minute) \(root.index) \(root.hash)\n" }
            for entry in state.entries.suffix(Self.entryLimit) {
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
            let last = WaitingRoom.bytes(hex: head[1]), last.count == genesis.count
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
            state = State(entries: entries, dropped: dropped, last: last, roots: roots)
        }
    }

    var roots: [Root] { state.withLock { $0.roots } }

    /// The entry of a session, by what may be known of it; the newest if there are several.
    func entry(of sessionDigest: String) -> (index: Int64, entry: Entry)? {
        state.withLock { state in
            guard
                let found = state.entries.lastIndex(where: {
                    $0.admission.sessionDigest == sessionDigest
                })
            else { return nil }
            return (state.dropped + Int64(found) + 1, state.entries[found])
        }
    }
}
