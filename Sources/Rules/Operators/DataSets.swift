/// The lists of `SecDataset`, which operators look up by name.
///
///     SecDataset bad_agents `
///     nikto
///     sqlmap
///     `
struct DataSets {
    private var lists: [String: SourceText] = [:]

    /// Names are not case-sensitive, like all of SecLang.
    mutating func add(_ name: SourceText, _ lines: SourceText) { lists[name.lowercased] = lines }

    /// The lines of a list, without empty ones and comments.
    func lines(_ name: SourceText) throws(ParameterError) -> [[UInt8]] {
        guard let list = lists[name.trimmed.lowercased] else {
            throw ParameterError(
                message: "no SecDataset `\(name.text)` stands above"
                    + NearestName.hint(name.text, in: lists.keys).withComma
            )
        }
        return DataSets.lines(list.bytes)
    }

    /// The lines of a file or list, without white space around them, empty ones and comments.
    static func lines(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D })
            .map { Array($0).withView { $0.trimming(\.isWhitespace).array } }
            .filter { !$0.isEmpty && $0.first != 0x23 }
    }
}

extension String {
    fileprivate var withComma: String { isEmpty ? "" : ", " + self }
}
