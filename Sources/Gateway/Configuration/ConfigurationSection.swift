import Yams

/// A mapping of the configuration file: which keys it has, in the order they are printed.
protocol ConfigurationSection: Sendable {
    /// All values at their defaults; a required key holds nothing useful until it is read.
    static var unfilled: Self { get }
    static var keys: [ConfigurationKey<Self>] { get }
    /// Keys of which exactly one must be given; none in most sections.
    static var alternatives: [String] { get }
}

extension ConfigurationSection {
    static var alternatives: [String] { [] }

    /// What is printed of this section, in the order of the keys.
    var tree: ConfigurationTree {
        let unfilled = Self.unfilled
        return .section(
            Self.keys.compactMap { key in
                guard let tree = key.tree(self) else { return nil }
                let isDefault = !key.isRequired && tree == key.tree(unfilled)
                return ConfigurationTree.Entry(name: key.name, tree: tree, isDefault: isDefault)
            }
        )
    }
}

/// One key of a section.
struct ConfigurationKey<Section: Sendable>: Sendable {
    let name: String
    let isRequired: Bool
    /// Reads the node at the path into the section; reports what is wrong and leaves the default then.
    let read: @Sendable (inout ConfigurationReader, Node, String, inout Section) -> Void
    /// What is printed, or nil where the section has no such value.
    let tree: @Sendable (Section) -> ConfigurationTree?

    init<Value>(
        _ name: String,
        _ property: any WritableKeyPath<Section, Value> & Sendable,
        _ kind: ValueKind<Value>,
        required isRequired: Bool = false
    ) {
        self.name = name
        self.isRequired = isRequired
        read = { reader, node, path, section in
            if let value = kind.read(&reader, node, path) { section[keyPath: property] = value }
        }
        tree = { kind.tree($0[keyPath: property]) }
    }

    /// A key for one of several things that a property may be.
    init<Value>(
        _ name: String,
        _ kind: ValueKind<Value>,
        get: @escaping @Sendable (Section) -> Value?,
        set: @escaping @Sendable (inout Section, Value) -> Void
    ) {
        self.name = name
        isRequired = false
        read = { reader, node, path, section in
            if let value = kind.read(&reader, node, path) { set(&section, value) }
        }
        tree = { get($0).map(kind.tree) }
    }
}
