/// A configuration on its way to text: names, words and lists, nothing that knows what they mean.
indirect enum ConfigurationTree: Sendable, Equatable {
    /// A word that needs no quotes.
    case scalar(String)
    /// Text, quoted where YAML wants it.
    case text(String)
    case list([ConfigurationTree])
    case section([Entry])

    struct Entry: Sendable, Equatable {
        var name: String
        var tree: ConfigurationTree
        /// Whether a file may leave the entry out and still say the same.
        var isDefault: Bool
    }

    /// Whether this stands on the line of its key.
    var isScalar: Bool {
        switch self {
        case .scalar, .text: true
        case .list, .section: false
        }
    }
}
