/// The square of a QR code while it is being filled: fixed patterns, the words, then the mask that reads best.
struct QRMatrix {
    let size: Int
    private var modules: [Bool]
    /// Modules that are not data: the mask leaves them alone.
    private var isFixed: [Bool]

    init(version: Int, words: [UInt8]) {
        size = 17 + 4 * version
        modules = [Bool](repeating: false, count: size * size)
        isFixed = modules
        drawTiming()
        drawFinder(3, 3)
        drawFinder(size - 4, 3)
        drawFinder(3, size - 4)
        if version > 1 { drawAlignment(size - 7, size - 7) }
        drawFormat(mask: 0)
        drawWords(words)
    }

    /// The finished square under the mask with the lowest penalty.
    func masked() -> [Bool] {
        let candidates = (0..<8).map { mask in
            var candidate = self
            candidate.apply(mask: mask)
            candidate.drawFormat(mask: mask)
            return (square: candidate, penalty: candidate.penalty)
        }
        return (candidates.min { $0.penalty < $1.penalty }?.square ?? self).modules
    }

    private mutating func set(_ column: Int, _ row: Int, _ isDark: Bool) {
        modules[row * size + column] = isDark
        isFixed[row * size + column] = true
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
                for column in [right, right - 1] where !isFixed[row * size + column] {
                    if index < words.count * 8 {
                        modules[row * size + column] =
                            words[index / 8] >> UInt8(7 - index % 8) & 1 == 1
                    }
                    index += 1
                }
            }
            goesUp.toggle()
        }
    }

    private mutating func apply(mask: Int) {
        for row in 0..<size {
            for column in 0..<size
            where !isFixed[row * size + column] && Self.inverts(mask, column, row) {
                modules[row * size + column].toggle()
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

    /// How hard the square is to read: long runs, blocks, things like finders, and an uneven share of dark.
    private var penalty: Int {
        let rows = (0..<size).map { row in (0..<size).map { modules[row * size + $0] } }
        let columns = (0..<size).map { column in (0..<size).map { modules[$0 * size + column] } }
        let lines = (rows + columns).reduce(0) { $0 + Self.runPenalty($1) + Self.finderPenalty($1) }
        let darkCount = modules.reduce(0) { $1 ? $0 + 1 : $0 }
        let unevenness = abs(darkCount * 20 - modules.count * 10) / modules.count * 10
        return lines + blockPenalty + unevenness
    }

    private static func runPenalty(_ line: [Bool]) -> Int {
        var penalty = 0
        var length = 0
        for (index, module) in line.enumerated() {
            length = index > 0 && module == line[index - 1] ? length + 1 : 1
            if length == 5 { penalty += 3 }
            if length > 5 { penalty += 1 }
        }
        return penalty
    }

    /// A finder with four light modules after it, and before it: eleven modules as bits.
    private static let finderLike = (after: 0b101_1101_0000, before: 0b000_0101_1101)

    private static func finderPenalty(_ line: [Bool]) -> Int {
        var penalty = 0
        var window = 0
        for (index, module) in line.enumerated() {
            window = (window << 1 | (module ? 1 : 0)) & 0x7FF
            guard index >= 10 else { continue }
            if window == finderLike.after || window == finderLike.before { penalty += 40 }
        }
        return penalty
    }

    private var blockPenalty: Int {
        var penalty = 0
        for row in 0..<(size - 1) {
            for column in 0..<(size - 1) {
                let corner = modules[row * size + column]
                let isBlock =
                    corner == modules[row * size + column + 1]
                    && corner == modules[(row + 1) * size + column]
                    && corner == modules[(row + 1) * size + column + 1]
                if isBlock { penalty += 3 }
            }
        }
        return penalty
    }
}
