import Yams

extension JSONValue {
    /// A YAML document as plain values, for files that are not configurations: words stay text, an empty value is null.
    /// - Throws: a message with line and column.
    init(yaml text: String) throws(YAMLMistake) {
        do {
            guard let node = try Yams.compose(yaml: text) else {
                self = .null
                return
            }
            self.init(node)
        } catch {
            throw YAMLMistake(description: "\(error)")
        }
    }

    private static let nullWords: Set<String> = ["", "~", "null", "Null", "NULL"]

    private init(_ node: Node) {
        switch node {
        case .scalar(let scalar):
            if scalar.style == .plain, Self.nullWords.contains(scalar.string) {
                self = .null
            } else if scalar.tag == Tag(.binary) {
                self = Base64.decode(Array(scalar.string.utf8)).map(JSONValue.bytes) ?? .null
            } else {
                self = .text(scalar.string)
            }
        case .sequence(let members): self = .array(members.map { JSONValue($0) })
        case .mapping(let members):
            self = .object(
                members.map { (key: $0.key.scalar?.string ?? "", value: JSONValue($0.value)) }
            )
        case .alias: self = .null
        }
    }
}

/// What is wrong with a YAML document.
struct YAMLMistake: Error, CustomStringConvertible {
    let description: String
}
