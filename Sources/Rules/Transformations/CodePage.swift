/// A code page of `SecUnicodeMapFile`: which byte stands for a Unicode character.
final class CodePage: Sendable {
    private let bytes: [UInt16: UInt8]

    /// Reads the page with that number, lines of `unicode:byte` pairs in hexadecimal; nil if the file does not hold it.
    init?(_ file: [UInt8], page: Int) {
        var isWanted = false
        var found: [UInt16: UInt8] = [:]
        for line in file.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            guard let first = line.first, first != UInt8(ascii: "#") else { continue }
            let text = String(decoding: line, as: UTF8.self)
            if !text.contains(":") {
                isWanted = text.prefix { $0.isNumber } == "\(page)"
                continue
            }
            guard isWanted else { continue }
            for pair in text.split(separator: " ") {
                let parts = pair.split(separator: ":")
                guard parts.count == 2, let code = UInt16(parts[0], radix: 16),
                    let byte = UInt8(parts[1], radix: 16)
                else { continue }
                found[code] = byte
            }
        }
        if found.isEmpty { return nil }
        bytes = found
    }

    func byte(for code: UInt16) -> UInt8? { bytes[code] }
}
