import Yams

/// Keys that stand more than once in one mapping.
///
/// The parser gives up at the first of them. So that everything else is still read, each earlier one is overwritten,
/// letter for letter, by characters of the private use area and the text is parsed again. Lines and columns stay.
struct RepeatedKeys {
    private var names: [String: String] = [:]
    private static let firstMark: UInt32 = 0xE000
    private static let countLimit = 1000

    /// The name under which an overwritten key was written, or nil for any other key.
    func name(of key: String) -> String? { names[key] }

    /// The root node of the text; throws what else the parser finds wrong.
    mutating func compose(_ text: String) throws -> Node? {
        var text = text
        while true {
            do {
                return try Yams.compose(yaml: text)
            } catch YamlError.duplicatedKeysInMapping(let duplicates, let context) {
                guard let name = duplicates.first, names.count < Self.countLimit,
                    let masked = overwritten(name, at: context.mark, in: text)
                else {
                    throw YamlError.duplicatedKeysInMapping(
                        duplicates: duplicates,
                        context: context
                    )
                }
                text = masked
            }
        }
    }

    private mutating func overwritten(_ name: String, at mark: Mark, in text: String) -> String? {
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map(Array.init)
        guard lines.indices.contains(mark.line - 1), !name.isEmpty else { return nil }
        var start = mark.column - 1
        let line = lines[mark.line - 1]
        if line.indices.contains(start), line[start] == "\"" || line[start] == "'" { start += 1 }
        let letters = Array(name.unicodeScalars)
        guard start >= 0, start + letters.count <= line.count,
            Array(line[start..<start + letters.count]) == letters,
            let substitute = Unicode.Scalar(Self.firstMark + UInt32(names.count))
        else { return nil }
        let masked = Array(repeating: substitute, count: letters.count)
        lines[mark.line - 1].replaceSubrange(start..<start + letters.count, with: masked)
        names[string(masked)] = name
        return lines.map(string).joined(separator: "\n")
    }

    private func string(_ scalars: [Unicode.Scalar]) -> String {
        String(String.UnicodeScalarView(scalars))
    }
}
