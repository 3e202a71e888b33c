/// The last entries of a list whose numbers count up from 1: each new one takes the place of the oldest, so that none
/// costs more than another.
struct RecentEntries<Entry: Sendable>: Sendable {
    private let limit: Int
    /// Entries before the first that was ever here.
    private let start: Int64
    private var entries: [Entry] = []
    /// The number of the newest.
    private(set) var last: Int64

    /// - Parameter start: so many entries came before.
    init(limit: Int, after start: Int64 = 0) {
        self.limit = max(limit, 1)
        self.start = start
        last = start
    }

    /// The number before the oldest.
    var dropped: Int64 { last - Int64(entries.count) }

    /// The entry of a number; nil if it is not here, or not any more.
    subscript(number: Int64) -> Entry? {
        number > dropped && number <= last ? entries[slot(of: number)] : nil
    }

    private func slot(of number: Int64) -> Int { Int((number - 1 - start) % Int64(limit)) }

    /// Adds one, and takes out the oldest if there are too many.
    @discardableResult
    mutating func append(_ entry: Entry) -> Entry? {
        last += 1
        guard entries.count == limit else {
            entries.append(entry)
            return nil
        }
        let slot = slot(of: last)
        defer { entries[slot] = entry }
        return entries[slot]
    }

    /// So many entries behind the one of that number, with the number of the first.
    func page(after number: Int64, limit: Int) -> (first: Int64, entries: [Entry]) {
        let first = min(max(number, dropped), last) + 1
        let count = min(last - first + 1, Int64(max(limit, 0)))
        return (first, (0..<count).map { entries[slot(of: first + $0)] })
    }
}
