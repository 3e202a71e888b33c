/// How hard a square is to read: long runs, blocks, things like finders, and an uneven share of dark.
///
/// The square's rows are numbers with one bit to a column. What is looked for along a row is looked for in
/// all places of it at once, by shifting; what is looked for down the columns in all columns at once, from row to row.
struct QRPenalty {
    let rows: [UInt64]

    private var size: Int { rows.count }

    /// The sum of all four.
    var total: Int { runs + blocks + finders + unevenness }

    /// The lowest `count` bits.
    private static func bits(_ count: Int) -> UInt64 { (1 << UInt64(max(0, count))) - 1 }

    /// Five alike in line cost three, and each further one another.
    var runs: Int {
        var penalty = 0
        for row in rows {
            let pairs = ~(row ^ row >> 1) & Self.bits(size - 1)
            let starts = pairs & pairs >> 1 & pairs >> 2 & pairs >> 3
            penalty += Self.cost(of: starts, before: starts << 1)
        }
        let pairs = zip(rows, rows.dropFirst()).map { ~($0 ^ $1) & Self.bits(size) }
        var above: UInt64 = 0
        for row in 0..<max(0, pairs.count - 3) {
            let starts = pairs[row] & pairs[row + 1] & pairs[row + 2] & pairs[row + 3]
            penalty += Self.cost(of: starts, before: above)
            above = starts
        }
        return penalty
    }

    /// One for each five alike, and two more where one begins that none stands `before`.
    private static func cost(of starts: UInt64, before: UInt64) -> Int {
        starts.nonzeroBitCount + 2 * (starts & ~before).nonzeroBitCount
    }

    /// Four alike in a square cost three.
    var blocks: Int {
        zip(rows, rows.dropFirst()).reduce(0) { penalty, pair in
            let (row, next) = pair
            let unlike = (row ^ row >> 1) | (next ^ next >> 1) | (row ^ next)
            return penalty + 3 * (~unlike & Self.bits(size - 1)).nonzeroBitCount
        }
    }

    /// A finder with four light modules after it, and before it: eleven modules as bits.
    private static let finderLike = [0b101_1101_0000, 0b000_0101_1101]

    /// What looks like a finder costs forty.
    var finders: Int {
        Self.finderLike.reduce(0) { penalty, finder in
            rows.indices.reduce(penalty) { $0 + 40 * count(of: finder, from: $1) }
        }
    }

    /// How many of `finder` there are along a row, and down the columns from it.
    private func count(of finder: Int, from row: Int) -> Int {
        var across = Self.bits(size - 10)
        var down = row + 10 < size ? Self.bits(size) : 0
        for index in 0..<11 {
            let mask: UInt64 = finder >> (10 - index) & 1 == 1 ? 0 : ~0
            across &= rows[row] >> UInt64(index) ^ mask
            if down != 0 { down &= rows[row + index] ^ mask }
        }
        return across.nonzeroBitCount + down.nonzeroBitCount
    }

    /// Ten for each twentieth that dark and light are away from half.
    var unevenness: Int {
        let darkCount = rows.reduce(0) { $0 + $1.nonzeroBitCount }
        let count = size * size
        return abs(darkCount * 20 - count * 10) / count * 10
    }
}
