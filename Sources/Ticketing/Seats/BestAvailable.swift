/// Chooses good seats that lie together. Pure: it looks at the seats that are free and claims nothing.
struct BestAvailable: Sendable {
    /// What a visitor asks for.
    struct Wish: Sendable {
        let count: Int
        /// Only this section, by number.
        var section: Int?
        /// Only this price, by tier number.
        var tier: Int?
        /// Whether the seats must be neighbours in one row.
        var together = true
    }

    let listing: Listing
    /// For each seat 0 free, anything else taken.
    private(set) var states: [UInt8]

    /// Notes that somebody was faster.
    mutating func markTaken(_ seats: [Int]) {
        for seat in seats where states.indices.contains(seat) { states[seat] = 1 }
    }

    /// Seats for the wish, best first; nil if there are none.
    ///
    /// Prices come in the order of their numbers. `turn` differs between requests: among the sections of one price it
    /// decides where the search starts, so that a crowd does not run for the same seats.
    func choose(_ wish: Wish, turn: Int) -> [Int]? {
        guard wish.count > 0 else { return nil }
        let groups = sectionsByTier(wish, turn: turn)
        for sections in groups {
            if let run = bestRun(in: sections, count: wish.count) { return run }
        }
        return wish.together ? nil : scattered(in: groups.flatMap { $0 }, count: wish.count)
    }

    private func sectionsByTier(_ wish: Wish, turn: Int) -> [[Int]] {
        let wanted = listing.map.sections.indices.filter { isWanted(section: $0, wish) }
        return listing.tiers.map { tier in
            let sections = wanted.filter { listing.tierOfSection[$0].number == tier.number }
            guard !sections.isEmpty else { return [] }
            let start = Int(turn.magnitude % UInt(sections.count))
            return Array(sections[start...] + sections[..<start])
        }
    }

    private func isWanted(section index: Int, _ wish: Wish) -> Bool {
        if let section = wish.section, listing.map.sections[index].number != section {
            return false
        }
        if let tier = wish.tier, listing.tierOfSection[index].number != tier { return false }
        return true
    }

    /// The run with the lowest rank in the first section that has one without leaving a single seat, else any run.
    private func bestRun(in sections: [Int], count: Int) -> [Int]? {
        var fallback: (rank: Int, first: Int)?
        for section in sections {
            var best: (rank: Int, first: Int)?
            for (depth, row) in listing.map.sections[section].rows.enumerated() {
                for run in freeRuns(in: row.seats) where run.count >= count {
                    let candidate = place(count, in: run, row: row.seats, depth: depth)
                    if candidate.rank < (best?.rank ?? .max) { best = candidate }
                }
            }
            if let best, best.rank < Self.orphanPenalty { return seats(best.first, count) }
            if let best, best.rank < (fallback?.rank ?? .max) { fallback = best }
        }
        return fallback.map { seats($0.first, count) }
    }

    private static let orphanPenalty = 1_000_000

    /// The best place for `count` neighbours inside a run: near the middle of the row, near the stage, no gap of one.
    private func place(_ count: Int, in run: Range<Int>, row: Range<Int>, depth: Int) -> (
        rank: Int, first: Int
    ) {
        var best = (rank: Int.max, first: run.lowerBound)
        for first in run.lowerBound...(run.upperBound - count) {
            let leavesGap = first - run.lowerBound == 1 || run.upperBound - first - count == 1
            let distance = abs(2 * first + count - row.lowerBound - row.upperBound)
            let rank = depth * 100 + distance + (leavesGap ? Self.orphanPenalty : 0)
            if rank < best.rank { best = (rank, first) }
        }
        return best
    }

    private func freeRuns(in row: Range<Int>) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var start: Int?
        for seat in row where states.indices.contains(seat) {
            if states[seat] == 0 {
                start = start ?? seat
            } else if let first = start {
                runs.append(first..<seat)
                start = nil
            }
        }
        if let start { runs.append(start..<min(row.upperBound, states.count)) }
        return runs
    }

    private func scattered(in sections: [Int], count: Int) -> [Int]? {
        let free = sections.lazy.flatMap { listing.map.sections[$0].seats }.filter { isFree($0) }
        let chosen = Array(free.prefix(count))
        return chosen.count == count ? chosen : nil
    }

    private func isFree(_ seat: Int) -> Bool { states.indices.contains(seat) && states[seat] == 0 }

    private func seats(_ first: Int, _ count: Int) -> [Int] { Array(first..<(first + count)) }
}
