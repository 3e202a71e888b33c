import Yams

/// One kind of value: how a node of the file becomes it, and how it is printed again.
struct ValueKind<Value: Sendable>: Sendable {
    /// Reports what is wrong and returns nil if the node is no such value.
    let read: @Sendable (inout ConfigurationReader, Node, String) -> Value?
    let tree: @Sendable (Value) -> ConfigurationTree
}

extension ValueKind where Value: TextValue {
    /// A value that one word says.
    static var word: ValueKind {
        ValueKind { reader, node, path in
            reader.scalar(node, path, expected: "one word") { text throws(Misfit) in
                try Value(text: text)
            }
        } tree: {
            .scalar($0.text)
        }
    }
}

extension ValueKind<Duration> {
    /// - Parameter isWhole: whether it has to be a whole number of seconds.
    static func duration(_ range: ClosedRange<Duration>, isWhole: Bool = false) -> ValueKind {
        ValueKind { reader, node, path in
            reader.scalar(node, path, expected: "a duration") { text throws(Misfit) in
                let value =
                    isWhole ? try Quantity.wholeSeconds(text) : try Quantity.duration(text)
                guard !range.contains(value) else { return value }
                throw Misfit(
                    code: .outOfRange,
                    expected:
                        "\(Quantity.text(range.lowerBound)) to \(Quantity.text(range.upperBound))"
                )
            }
        } tree: {
            .scalar(Quantity.text($0))
        }
    }
}

extension ValueKind<Int> {
    static func bytes(_ range: ClosedRange<Int>) -> ValueKind {
        ValueKind { reader, node, path in
            reader.scalar(node, path, expected: "a size") { text throws(Misfit) in
                let value = try Quantity.bytes(text)
                guard !range.contains(value) else { return value }
                throw Misfit(
                    code: .outOfRange,
                    expected:
                        "\(Quantity.text(bytes: range.lowerBound)) to \(Quantity.text(bytes: range.upperBound))"
                )
            }
        } tree: {
            .scalar(Quantity.text(bytes: $0))
        }
    }

    static func count(_ range: ClosedRange<Int>) -> ValueKind {
        number(expected: "a whole number of \(range.lowerBound) to \(range.upperBound)") {
            range.contains($0)
        }
    }

    /// A status code out of a few.
    static func status(_ allowed: [Int]) -> ValueKind {
        number(expected: choice(of: allowed.map(String.init))) { allowed.contains($0) }
    }

    private static func number(expected: String, where isAllowed: @escaping @Sendable (Int) -> Bool)
        -> ValueKind
    {
        ValueKind { reader, node, path in
            reader.scalar(node, path, expected: expected, plain: true) { text throws(Misfit) in
                let sign = text.hasPrefix("-") ? -1 : 1
                guard let size = decimal(sign < 0 ? text.dropFirst() : text[...]) else {
                    throw Misfit(code: .wrongType, expected: expected)
                }
                guard isAllowed(sign * size) else {
                    throw Misfit(code: .outOfRange, expected: expected)
                }
                return sign * size
            }
        } tree: {
            .scalar(String($0))
        }
    }
}

extension ValueKind<Bool> {
    /// `true` or `false` and nothing else: `no` may be a country and `on` a switch.
    static var bool: ValueKind {
        ValueKind { reader, node, path in
            reader.scalar(node, path, expected: "`true` or `false`", plain: true) {
                text throws(Misfit) in
                switch text {
                case "true": return true
                case "false": return false
                default:
                    let words = [
                        "yes": "true", "on": "true", "y": "true", "no": "false", "off": "false",
                        "n": "false",
                    ]
                    let lowered = text.lowercased()
                    let meant = words[lowered] ?? ["true", "false"].first { $0 == lowered }
                    throw Misfit(
                        code: .notBoolean,
                        expected: "`true` or `false`",
                        hint: meant.map { "did you mean `\($0)`?" }
                    )
                }
            }
        } tree: {
            .scalar($0 ? "true" : "false")
        }
    }
}

extension ValueKind<String> {
    /// Text that the check accepts; without one, any text of one line that is not empty.
    static func text(
        _ expected: String,
        where isAllowed: @escaping @Sendable (String) -> Bool = {
            $0.isPrintableLine && !$0.isEmpty
        }
    ) -> ValueKind {
        ValueKind { reader, node, path in
            reader.scalar(node, path, expected: expected) { text throws(Misfit) in
                guard isAllowed(text) else { throw Misfit(expected: expected) }
                return text
            }
        } tree: {
            .text($0)
        }
    }

    /// The path of a file or directory.
    static var path: ValueKind { text("a path") }

    /// The name of something in the configuration.
    static var name: ValueKind {
        text("a name of letters, digits, `-` and `_`, at most 64") { name in
            (1...64).contains(name.utf8.count)
                && name.utf8.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
                    default: false
                    }
                }
        }
    }
}

extension String {
    /// Whether the text can stand in a field value or a log line: no control characters.
    var isPrintableLine: Bool {
        !unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
    }
}

extension ValueKind {
    /// The value, or `null` for none.
    static func optional<Wrapped>(_ kind: ValueKind<Wrapped>) -> ValueKind where Value == Wrapped? {
        ValueKind { reader, node, path in
            reader.isNull(node) ? .some(nil) : kind.read(&reader, node, path).map { .some($0) }
        } tree: {
            $0.map(kind.tree) ?? .scalar("null")
        }
    }

    /// The value, or `off` for none.
    static func orOff<Wrapped>(_ kind: ValueKind<Wrapped>) -> ValueKind where Value == Wrapped? {
        ValueKind { reader, node, path in
            node.scalar?.string == "off"
                ? .some(nil) : kind.read(&reader, node, path).map { .some($0) }
        } tree: {
            $0.map(kind.tree) ?? .scalar("off")
        }
    }

    /// Several values.
    static func list<Element>(_ kind: ValueKind<Element>) -> ValueKind where Value == [Element] {
        ValueKind { reader, node, path in
            reader.list(node, path, kind.read)
        } tree: {
            .list($0.map(kind.tree))
        }
    }
}

extension ValueKind where Value: ConfigurationSection {
    /// A mapping with keys of its own.
    static var section: ValueKind {
        ValueKind { reader, node, path in
            reader.section(node, path)
        } tree: {
            $0.tree
        }
    }
}
