/// Where somebody comes from, as numbers that say nothing to anybody else; 0 for what is not known or not capped.
struct CrowdOrigin: Hashable, Sendable {
    static let limit: Int64 = 1 << 51

    /// The IPv4 address or IPv6 /64.
    var client: Int64 = 0
    /// The TLS fingerprint.
    var fingerprint: Int64 = 0

    var isEmpty: Bool { client == 0 && fingerprint == 0 }

    /// Both as names of one kind, each with the admissions that its cap puts between two of it.
    func cells(_ rules: QueueRules) -> [(cell: Int64, interval: Int64)] {
        var cells: [(Int64, Int64)] = []
        if client > 0, rules.clientInterval > 0 { cells.append((2 * client, rules.clientInterval)) }
        if fingerprint > 0, rules.fingerprintInterval > 0 {
            cells.append((2 * fingerprint + 1, rules.fingerprintInterval))
        }
        return cells
    }
}

/// At most a share of those let in from one client or with one fingerprint while others wait: who is beyond
/// it keeps the place and comes in with a later admission.
///
/// The generic cell rate algorithm with admissions for time: each one let in, or held back, puts the next of the same
/// cell off by as many admissions as the share says. So who is held back has a definite turn, and nothing is kept of
/// those whose turn has not come.
struct CrowdCaps: Sendable {
    /// Times are counted in thousandths of admissions.
    static let admission: Int64 = 1_000

    /// When the next of a cell may come in.
    private var next = ExpiringSet<Int64>()
    /// Places held back, until when they are kept for somebody who does not ask.
    private var kept = ExpiringSet<Int64>()
    private var dues: [Int64: Int64] = [:]

    init() {}

    /// Goes on from what was noted.
    init(held: [(position: Int64, due: Int64, until: Int64)], cells: [(Int64, Int64)]) {
        for (position, due, until) in held { hold(position, due: due, until: until) }
        for (cell, time) in cells { next.insert(cell, until: time) }
    }

    var count: Int { dues.count }
    var held: [(position: Int64, due: Int64, until: Int64)] {
        kept.entries.map { ($0.0, dues[$0.0] ?? 0, $0.1) }
    }
    var cells: [(Int64, Int64)] { next.entries }

    func isHeld(_ position: Int64) -> Bool { dues[position] != nil }

    /// When a place that was held back may come in; nil if it was not.
    func due(of position: Int64) -> Int64? { dues[position] }

    /// When somebody from there may come in.
    func due(of origin: CrowdOrigin, _ rules: QueueRules) -> Int64 {
        origin.cells(rules).map { next[$0.cell] ?? 0 }.max() ?? 0
    }

    mutating func hold(_ position: Int64, due: Int64, until: Int64) {
        dues[position] = due
        kept.insert(position, until: until)
    }

    /// The same place was seen again.
    mutating func keep(_ position: Int64, until: Int64) { _ = kept.extend(position, until: until) }

    mutating func forget(_ position: Int64) {
        dues[position] = nil
        kept.remove(position)
    }

    /// Counts one from there, let in at that time or held back then.
    mutating func count(_ origin: CrowdOrigin, at time: Int64, _ rules: QueueRules) {
        for (cell, interval) in origin.cells(rules) {
            next.insert(cell, until: max(next[cell] ?? 0, time) + interval)
        }
    }

    /// Takes one back that was held back and came in early, since nobody else was there.
    mutating func discount(_ origin: CrowdOrigin, _ rules: QueueRules) {
        for (cell, interval) in origin.cells(rules) {
            if let time = next[cell] { next.insert(cell, until: time - interval) }
        }
    }

    mutating func expire(admissions: Int64, now: Int64) {
        next.expire(at: admissions * Self.admission)
        for position in kept.removeExpired(at: now) { dues[position] = nil }
    }

    /// Admissions until that time.
    static func admissions(until due: Int64, from time: Int64) -> Int64 {
        (max(due - time, 0) + admission - 1) / admission
    }
}
