/// `@pm` and `@pmFromFile`: one of many phrases stands in the value, whatever the case of letters; `capture` keeps it
/// in TX.0.
///
///     SecRule REQUEST_HEADERS:User-Agent "@pm nikto sqlmap" "id:1,phase:1,deny"
final class PhraseMatch: Operator {
    private static let comparedBytes = 64

    private let phrases: [[UInt8]]
    private let database: LiteralDatabase?
    let required: RequiredContent?

    /// Phrases separated by white space; `|41 42|` gives bytes in hexadecimal.
    convenience init(_ text: SourceText) throws(ParameterError) {
        let words = try PhraseMatch.decodingHex(text.bytes).split(whereSeparator: \.isWhitespace)
            .map(Array.init)
        try self.init(phrases: words)
    }

    /// Files beside the rule file, one phrase per line; lines that begin with # are comments.
    convenience init(files: SourceText) throws(ParameterError) {
        var phrases: [[UInt8]] = []
        for name in files.text.split(separator: " ") {
            let path = RuleFiles.resolve(String(name), beside: files.file)
            guard let bytes = RuleFiles.contents(path) else {
                throw ParameterError(message: "cannot read \(path): \(RuleFiles.lastError)")
            }
            phrases += DataSets.lines(bytes)
        }
        try self.init(phrases: phrases)
    }

    init(phrases: [[UInt8]]) throws(ParameterError) {
        if phrases.isEmpty { throw ParameterError(message: "there is no phrase to look for") }
        self.phrases = phrases
        database = LiteralDatabase(phrases.map { Array($0.prefix(PhraseMatch.comparedBytes)) })
        if database == nil { throw ParameterError(message: "the phrases could not be compiled") }
        required = RequiredContent(phrases)
    }

    func prepare(_ scratch: ScanScratch) { database?.prepare(scratch) }

    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        var found: ByteView?
        database?.scan(input, evaluation.workspace.scratch) { literal, end in
            let phrase = phrases[literal]
            let start = end - min(phrase.count, PhraseMatch.comparedBytes)
            guard input[start..<(start + phrase.count)].equalsFolded(phrase) else { return false }
            found = input[start..<(start + phrase.count)]
            return true
        }
        guard let found else { return false }
        if evaluation.isCapturing {
            evaluation.clearCaptures()
            evaluation.setCapture(0, found)
        }
        return true
    }

    private static func decodingHex(_ text: [UInt8]) throws(ParameterError) -> [UInt8] {
        var output: [UInt8] = []
        var isHex = false
        var pending: UInt8?
        for (offset, byte) in text.enumerated() {
            if byte == 0x7C {
                isHex.toggle()
            } else if !isHex {
                output.append(byte)
            } else if let digit = byte.hexDigit {
                if let high = pending { output.append(high << 4 | digit) }
                pending = pending == nil ? digit : nil
            } else if !byte.isWhitespace {
                throw ParameterError(
                    message: "not a hexadecimal digit between the bars",
                    offset: offset
                )
            }
        }
        return output
    }
}
