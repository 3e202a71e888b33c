import Testing

@testable import Ticketing

struct QRCodeTests {
    @Test func `Check words agree with the published worked example`() {
        let data: [UInt8] = [32, 91, 11, 120, 209, 114, 220, 77, 67, 64, 236, 17, 236, 17, 236, 17]
        #expect(
            ReedSolomon.checkWords(for: data, count: 10) == [
                196, 35, 39, 119, 235, 215, 231, 226, 93, 23,
            ]
        )
    }

    @Test(arguments: [(20, 21), (21, 25), (122, 37), (123, 41), (154, 41)])
    func `The smallest version that holds the text is taken`(characters: Int, size: Int) {
        #expect(QRCode(String(repeating: "A", count: characters))?.size == size)
    }

    @Test(arguments: [String(repeating: "A", count: 155), "lower", "é"])
    func `Text that does not fit is refused`(text: String) {
        #expect(QRCode(text) == nil)
    }

    @Test func `The three finders, the timing and the dark module are where scanners look`() throws {
        let code = try #require(QRCode("HELLO WORLD"))
        for (left, top) in [(0, 0), (code.size - 7, 0), (0, code.size - 7)] {
            for y in 0..<7 {
                for x in 0..<7 {
                    let distance = max(abs(x - 3), abs(y - 3))
                    #expect(code.isDark(left + x, top + y) == (distance != 2))
                }
            }
        }
        for index in 8..<(code.size - 8) {
            #expect(code.isDark(index, 6) == index.isMultiple(of: 2))
        }
        #expect(code.isDark(8, code.size - 8))
        #expect(!code.isDark(-1, 0) && !code.isDark(0, code.size))
    }

    /// Reads a version 1 code back without using the encoder: format, mask, zigzag, bits.
    @Test(arguments: ["HELLO WORLD", "BMH1.0", "A", "12345"])
    func `A code read module by module gives the text again`(text: String) throws {
        let code = try #require(QRCode(text))
        let format = (0..<15).reduce(0) { bits, index in
            let isDark =
                switch index {
                case 0...5: code.isDark(8, index)
                case 6: code.isDark(8, 7)
                case 7: code.isDark(8, 8)
                case 8: code.isDark(7, 8)
                default: code.isDark(14 - index, 8)
                }
            return bits | (isDark ? 1 << index : 0)
        }
        #expect((format ^ 0x5412) >> 13 == 0, "level M")
        let mask = (format ^ 0x5412) >> 10 & 7
        var bits: [Bool] = []
        var goesUp = true
        for right in [20, 18, 16, 14, 12, 10, 8, 5, 3, 1] {
            for step in 0..<21 {
                let y = goesUp ? 20 - step : step
                for x in [right, right - 1] where Self.isData(x, y) {
                    bits.append(code.isDark(x, y) != Self.inverts(mask, x, y))
                }
            }
            goesUp.toggle()
        }
        func number(_ start: Int, _ count: Int) -> Int {
            bits[start..<(start + count)].reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
        }
        let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
        #expect(number(0, 4) == 2)
        let count = number(4, 9)
        var read = ""
        for index in stride(from: 0, to: count - 1, by: 2) {
            let pair = number(13 + index / 2 * 11, 11)
            read += String([alphabet[pair / 45], alphabet[pair % 45]])
        }
        if !count.isMultiple(of: 2) { read.append(alphabet[number(13 + count / 2 * 11, 6)]) }
        #expect(read == text)
    }

    /// The standard's rules, module by module.
    @Test func `What makes a square hard to read is counted as the standard says`() {
        for size in [21, 29, 41] {
            for _ in 0..<20 {
                let square = (0..<size).map { _ in
                    (0..<size).map { _ in (0..<4).randomElement() != 0 }
                }
                let penalty = QRPenalty(
                    rows: square.map { row in
                        row.enumerated().reduce(0) { $0 | ($1.element ? 1 << $1.offset : 0) }
                    }
                )
                let columns = (0..<size).map { column in square.map { $0[column] } }
                let lines = square + columns
                #expect(penalty.runs == lines.reduce(0) { $0 + Self.runs($1) })
                #expect(penalty.finders == lines.reduce(0) { $0 + Self.finders($1) })
                #expect(penalty.blocks == Self.blocks(square))
                let dark = square.joined().count { $0 }
                let steps = abs(dark * 100 - size * size * 50) / (size * size * 5)
                #expect(penalty.unevenness == steps * 10)
            }
        }
    }

    private static func runs(_ line: [Bool]) -> Int {
        var lengths: [Int] = []
        var before: Bool?
        for module in line {
            if module == before { lengths[lengths.count - 1] += 1 } else { lengths.append(1) }
            before = module
        }
        return lengths.filter { $0 >= 5 }.reduce(0) { $0 + 3 + $1 - 5 }
    }

    private static func finders(_ line: [Bool]) -> Int {
        let text = String(line.map { $0 ? "#" : "." } as [Character])
        let finders = ["#.###.#....", "....#.###.#"]
        let count = text.indices.count { start in
            finders.contains { text[start...].hasPrefix($0) }
        }
        return 40 * count
    }

    private static func blocks(_ square: [[Bool]]) -> Int {
        var count = 0
        for y in 1..<square.count {
            for x in 1..<square.count {
                let four: Set<Bool> = [
                    square[y - 1][x - 1], square[y - 1][x], square[y][x - 1], square[y][x],
                ]
                if four.count == 1 { count += 1 }
            }
        }
        return 3 * count
    }

    private static func isData(_ x: Int, _ y: Int) -> Bool {
        let isCorner = (x < 9 && y < 9) || (x > 12 && y < 9) || (x < 9 && y > 12)
        return !isCorner && x != 6 && y != 6
    }

    private static func inverts(_ mask: Int, _ x: Int, _ y: Int) -> Bool {
        [
            (x + y) % 2 == 0, y % 2 == 0, x % 3 == 0, (x + y) % 3 == 0, (x / 3 + y / 2) % 2 == 0,
            (x * y) % 2 + (x * y) % 3 == 0, ((x * y) % 2 + (x * y) % 3) % 2 == 0,
            ((x + y) % 2 + (x * y) % 3) % 2 == 0,
        ][mask]
    }
}
