/// The operators of a rule set, each made once however many rules ask for it: what one costs to compile, and what is
/// learned about a value by asking it, then counts for all of them.
struct OperatorStore {
    private struct Key: Hashable {
        let name: OperatorName
        /// As written; for files what stands in them.
        let parameters: [[UInt8]]
    }

    private var made: [Key: any Operator] = [:]

    /// The operator with its parameter. `text` is the parameter as written, `macro` the same with its macros split.
    mutating func make(
        _ name: OperatorName,
        _ text: SourceText,
        _ macro: Macro,
        _ data: DataSets,
        _ filesRead: inout FilesRead
    ) throws(ParameterError) -> any Operator {
        guard let key = Self.key(name, text, macro, &filesRead) else {
            return try name.make(text, macro, data)
        }
        if let known = made[key] { return known }
        let new = try name.make(text, macro, data)
        made[key] = new
        return new
    }

    /// Nil if the parameter depends on the request, or on what stands elsewhere.
    private static func key(
        _ name: OperatorName,
        _ text: SourceText,
        _ macro: Macro,
        _ filesRead: inout FilesRead
    ) -> Key? {
        switch name {
        case .pmFromDataset, .ipMatchFromDataset: return nil
        case .rx where ExpandedRegexMatch.isNeeded(text): return nil
        case .pmf, .pmFromFile, .ipMatchF, .ipMatchFromFile:
            var contents: [[UInt8]] = []
            for file in text.text.split(separator: " ") {
                let path = RuleFiles.resolve(String(file), beside: text.file)
                filesRead.note(path)
                guard let bytes = RuleFiles.contents(path) else { return nil }
                contents.append(bytes)
            }
            return Key(name: name, parameters: contents)
        default:
            return macro.constant == nil ? nil : Key(name: name, parameters: [text.bytes])
        }
    }
}
