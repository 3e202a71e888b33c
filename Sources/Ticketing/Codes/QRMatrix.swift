/// The square of a QR code while it is being filled: fixed patterns, the words, then the mask that reads best.
///
/// A row is a number with one bit to a column, so that looking at a whole row costs a few instructions: a
/// mask is chosen among eight, and choosing is most of the work.
struct QRMatrix {
    let size: Int
    /// Bit `column` of row `row` is set where the module is dark.
    private(set) var rows: [UInt64]
    /// Modules that are not data, and whatever is beyond the last column: the mask leaves them alone.
    private var fixed: [UInt64]

    init(version: Int, words: [UInt8]) {
        size = 17 + 4 * version
        rows = [UInt64](repeating: 0, count: size)
        fixed = [UInt64](repeating: ~0 << UInt64(size), count: size)
        drawTiming()
        drawFinder(3, 3)
        drawFinder(size - 4, 3)
        drawFinder(3, size - 4)
        if version > 1 { drawAlignment(size - 7, size - 7) }
        drawFormat(mask: 0)
        drawWords(words)
    }

    /// The finished square under the mask with the lowest penalty.
    func masked() -> QRMatrix {
        let candidates = Self.masks.indices.map { mask in
            var candidate = self
            candidate.apply(mask: mask)
            candidate.drawFormat(mask: mask)
            return (square: candidate, penalty: QRPenalty(rows: candidate.rows).total)
        }
        return candidates.min { $0.penalty < $1.penalty }?.square ?? self
    }

    private mutating func paint(_ column: Int, _ row: Int, _ isDark: Bool) {
        let bit: UInt64 = 1 << UInt64(column)
        rows[row] = isDark ? rows[row] | bit : rows[row] & ~bit
    }

    private mutating func set(_ column: Int, _ row: Int, _ isDark: Bool) {
        paint(column, row, isDark)
        fixed[row] |= 1 << UInt64(column)
    }

    private mutating func drawTiming() {
        for index in 0..<size {
            set(6, index, index.isMultiple(of: 2))
            set(index, 6, index.isMultiple(of: 2))
        }
    }

    private mutating func drawFinder(_ column: Int, _ row: Int) {
        for y in (row - 4)...(row + 4) where (0..<size).contains(y) {
            for x in (column - 4)...(column + 4) where (0..<size).contains(x) {
                let distance = max(abs(x - column), abs(y - row))
                set(x, y, distance != 2 && distance != 4)
            }
        }
    }

    private mutating func drawAlignment(_ column: Int, _ row: Int) {
        for y in (row - 2)...(row + 2) {
            for x in (column - 2)...(column + 2) {
                set(x, y, max(abs(x - column), abs(y - row)) != 1)
            }
        }
    }

    /// Writes level M and the mask twice, protected by a BCH code of their own.
    private mutating func drawFormat(mask: Int) {
        var remainder = mask
        for _ in 0..<10 { remainder = remainder << 1 ^ (remainder >> 9) * 0x537 }
        let bits = (mask << 10 | remainder & 0x3FF) ^ 0x5412
        func bit(_ index: Int) -> Bool { bits >> index & 1 == 1 }
        for index in 0...5 { set(8, index, bit(index)) }
        set(8, 7, bit(6))
        set(8, 8, bit(7))
        set(7, 8, bit(8))
        for index in 9..<15 { set(14 - index, 8, bit(index)) }
        for index in 0..<8 { set(size - 1 - index, 8, bit(index)) }
        for index in 8..<15 { set(8, size - 15 + index, bit(index)) }
        set(8, size - 8, true)
    }

    /// Fills the free modules in the standard's zigzag of double columns, from the right.
    private mutating func drawWords(_ words: [UInt8]) {
        var index = 0
        var goesUp = true
        for right in [Int](stride(from: size - 1, through: 7, by: -2)) + [5, 3, 1] {
            for step in 0..<size {
                let row = goesUp ? size - 1 - step : step
                for column in [right, right - 1] where fixed[row] >> UInt64(column) & 1 == 0 {
                    if index < words.count * 8 {
                        paint(column, row, words[index / 8] >> UInt8(7 - index % 8) & 1 == 1)
                    }
                    index += 1
                }
            }
            goesUp.toggle()
        }
    }

    private mutating func apply(mask: Int) {
        let pattern = Self.masks[mask]
        for row in 0..<size { rows[row] ^= pattern[row % pattern.count] & ~fixed[row] }
    }

    /// Which modules each mask inverts, row by row; all of them repeat after twelve rows.
    private static let masks: [[UInt64]] = (0..<8).map { mask in
        (0..<12).map { row in
            (0..<64).reduce(UInt64(0)) { bits, column in
                bits | (inverts(mask, column, row) ? 1 << UInt64(column) : 0)
            }
        }
    }

    private static func inverts(_ mask: Int, _ x: Int, _ y: Int) -> Bool {
        switch mask {
        case 0: (x + y) % 2 == 0
        case 1: y % 2 == 0
        case 2: x % 3 == 0
        case 3: (x + y) % 3 == 0
        case 4: (x / 3 + y / 2) % 2 == 0
        case 5: x * y % 2 + x * y % 3 == 0
        case 6: (x * y % 2 + x * y % 3) % 2 == 0
        default: ((x + y) % 2 + x * y % 3) % 2 == 0
        }
    }
}
