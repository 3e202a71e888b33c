/// A QR code (ISO/IEC 18004) of text in the alphanumeric alphabet, versions 1 to 6, error correction level M.
///
/// That is what a ticket's code needs; the alphabet packs two characters in eleven bits.
struct QRCode: Sendable, Equatable {
    /// How the words of a version are cut into blocks.
    private struct Version {
        let number: Int
        let blockCount: Int
        let dataWordsPerBlock: Int
        let checkWordsPerBlock: Int

        var bitCount: Int { blockCount * dataWordsPerBlock * 8 }
    }

    private static let versions = [
        Version(number: 1, blockCount: 1, dataWordsPerBlock: 16, checkWordsPerBlock: 10),
        Version(number: 2, blockCount: 1, dataWordsPerBlock: 28, checkWordsPerBlock: 16),
        Version(number: 3, blockCount: 1, dataWordsPerBlock: 44, checkWordsPerBlock: 26),
        Version(number: 4, blockCount: 2, dataWordsPerBlock: 32, checkWordsPerBlock: 18),
        Version(number: 5, blockCount: 2, dataWordsPerBlock: 43, checkWordsPerBlock: 24),
        Version(number: 6, blockCount: 4, dataWordsPerBlock: 27, checkWordsPerBlock: 16),
    ]

    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".utf8)

    /// Modules on a side, without the quiet zone.
    let size: Int
    /// Bit `column` of a row is set where the module is dark.
    let rows: [UInt64]

    /// Encodes a text; nil if it is too long (154 characters) or has a character outside the alphabet.
    init?(_ text: String) {
        let characters = text.utf8.compactMap { Self.alphabet.firstIndex(of: $0) }
        guard characters.count == text.utf8.count else { return nil }
        let bits = Self.bits(of: characters)
        guard let version = Self.versions.first(where: { $0.bitCount >= bits.count }) else {
            return nil
        }
        let matrix = QRMatrix(
            version: version.number,
            words: Self.interleave(Self.words(bits, version), version)
        )
        size = matrix.size
        rows = matrix.masked().rows
    }

    /// Whether the module in a column and a row is dark; false outside.
    func isDark(_ column: Int, _ row: Int) -> Bool {
        guard (0..<size).contains(column), (0..<size).contains(row) else { return false }
        return rows[row] >> UInt64(column) & 1 == 1
    }

    /// The columns of a row that are dark, neighbours together.
    func darkRuns(inRow row: Int) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for column in 0..<size where isDark(column, row) {
            if let last = runs.last, last.upperBound == column {
                runs[runs.count - 1] = last.lowerBound..<(column + 1)
            } else {
                runs.append(column..<(column + 1))
            }
        }
        return runs
    }

    private static func bits(of characters: [Int]) -> [Bool] {
        var bits = BitWriter()
        bits.append(0b0010, count: 4)
        bits.append(characters.count, count: 9)
        for index in stride(from: 0, to: characters.count, by: 2) {
            if index + 1 < characters.count {
                bits.append(characters[index] * 45 + characters[index + 1], count: 11)
            } else {
                bits.append(characters[index], count: 6)
            }
        }
        return bits.bits
    }

    /// The data words: the bits, a terminator, and the standard's padding.
    private static func words(_ bits: [Bool], _ version: Version) -> [UInt8] {
        var bits = bits
        bits += [Bool](repeating: false, count: min(4, version.bitCount - bits.count))
        while !bits.count.isMultiple(of: 8) { bits.append(false) }
        var words = stride(from: 0, to: bits.count, by: 8).map { start in
            bits[start..<(start + 8)].reduce(UInt8(0)) { $0 << 1 | ($1 ? 1 : 0) }
        }
        var isFirst = true
        while words.count < version.bitCount / 8 {
            words.append(isFirst ? 0xEC : 0x11)
            isFirst.toggle()
        }
        return words
    }

    /// Word by word from all blocks in turn, the data before the check words.
    private static func interleave(_ words: [UInt8], _ version: Version) -> [UInt8] {
        let blocks = (0..<version.blockCount).map { block in
            Array(
                words[
                    (block * version.dataWordsPerBlock)..<((block + 1) * version.dataWordsPerBlock)
                ]
            )
        }
        let checks = blocks.map {
            ReedSolomon.checkWords(for: $0, count: version.checkWordsPerBlock)
        }
        return (0..<version.dataWordsPerBlock).flatMap { index in blocks.map { $0[index] } }
            + (0..<version.checkWordsPerBlock).flatMap { index in checks.map { $0[index] } }
    }

    /// The code as an SVG document of its own.
    func document(label: String) -> String {
        svg(label: label).replacing(
            "<svg ",
            with: "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"320\" height=\"320\" ",
            maxReplacements: 1
        )
    }

    /// The code as SVG with its quiet zone, one path for all dark modules.
    func svg(label: String) -> String {
        let quiet = 4
        let full = size + 2 * quiet
        var path = ""
        for row in 0..<size {
            for run in darkRuns(inRow: row) {
                path +=
                    "M\(run.lowerBound + quiet) \(row + quiet)h\(run.count)v1h-\(run.count)z"
            }
        }
        return """
            <svg viewBox="0 0 \(full) \(full)" role="img" aria-label="\(Markup.escape(label))" \
            shape-rendering="crispEdges"><path fill="#fff" d="M0 0h\(full)v\(full)H0z"/>\
            <path fill="#000" d="\(path)"/></svg>
            """
    }
}

/// Collects bits, the highest of each number first.
private struct BitWriter {
    private(set) var bits: [Bool] = []

    mutating func append(_ number: Int, count: Int) {
        for shift in stride(from: count - 1, through: 0, by: -1) {
            bits.append(number >> shift & 1 == 1)
        }
    }
}
