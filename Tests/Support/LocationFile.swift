/// Writes a database of locations in MaxMind's format (MaxMind DB 2.0), for tests: 24-bit records, IPv6 tree.
public struct LocationFile {
    /// A value of a record.
    public indirect enum Value {
        case text(String)
        case number(Double)
        case list([Value])
        case map([(String, Value)])
    }

    private enum Branch {
        case none
        case node(Int)
        case data(Int)
    }

    private var nodes: [(left: Branch, right: Branch)] = [(.none, .none)]
    private var data: [UInt8] = []

    public init() {}

    /// Says where a network is.
    ///
    /// - Parameter octets: 4 or 16 bytes of the address; `length` counts bits of them.
    public mutating func add(_ octets: [UInt8], length: Int, _ value: Value) {
        let bytes = octets.count == 4 ? [UInt8](repeating: 0, count: 12) + octets : octets
        let length = octets.count == 4 ? length + 96 : length
        let offset = data.count
        data += Self.encoded(value)
        var node = 0
        for bit in 0..<length {
            let isRight = bytes[bit / 8] >> UInt8(7 - bit % 8) & 1 == 1
            if bit == length - 1 {
                set(node, isRight, .data(offset))
            } else if case .node(let next) = isRight ? nodes[node].right : nodes[node].left {
                node = next
            } else {
                nodes.append((.none, .none))
                set(node, isRight, .node(nodes.count - 1))
                node = nodes.count - 1
            }
        }
    }

    /// Says which country a network is in.
    public mutating func add(_ octets: [UInt8], length: Int, country: String) {
        add(octets, length: length, .map([("country", .map([("iso_code", .text(country))]))]))
    }

    /// The file's bytes.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for node in nodes {
            for branch in [node.left, node.right] {
                let record =
                    switch branch {
                    case .none: nodes.count
                    case .node(let index): index
                    case .data(let offset): nodes.count + 16 + offset
                    }
                bytes += [UInt8(record >> 16 & 255), UInt8(record >> 8 & 255), UInt8(record & 255)]
            }
        }
        bytes += [UInt8](repeating: 0, count: 16) + data
        bytes += [0xAB, 0xCD, 0xEF] + Array("MaxMind.com".utf8)
        bytes += Self.control(7, 9)
        let members: [(String, [UInt8])] = [
            ("binary_format_major_version", Self.unsigned(5, 2)),
            ("binary_format_minor_version", Self.unsigned(5, 0)),
            ("build_epoch", Self.unsigned(9, 1_795_000_000)),
            ("database_type", Self.encoded(.text("Test-City"))),
            ("description", Self.encoded(.map([("en", .text("test"))]))),
            ("ip_version", Self.unsigned(5, 6)),
            ("languages", Self.encoded(.list([.text("en")]))),
            ("node_count", Self.unsigned(6, nodes.count)),
            ("record_size", Self.unsigned(5, 24)),
        ]
        for (name, value) in members { bytes += Self.encoded(.text(name)) + value }
        return bytes
    }

    private mutating func set(_ node: Int, _ isRight: Bool, _ branch: Branch) {
        if isRight { nodes[node].right = branch } else { nodes[node].left = branch }
    }

    private static func encoded(_ value: Value) -> [UInt8] {
        switch value {
        case .text(let text): control(2, text.utf8.count) + Array(text.utf8)
        case .number(let number):
            control(3, 8)
                + (0..<8).map {
                    UInt8(truncatingIfNeeded: number.bitPattern >> (56 - 8 * UInt64($0)))
                }
        case .list(let items): control(11, items.count) + items.flatMap(encoded)
        case .map(let members):
            control(7, members.count) + members.flatMap { encoded(.text($0.0)) + encoded($0.1) }
        }
    }

    private static func unsigned(_ type: UInt8, _ number: Int) -> [UInt8] {
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }.drop {
            $0 == 0
        }
        return control(type, bytes.count) + bytes
    }

    private static func control(_ type: UInt8, _ size: Int) -> [UInt8] {
        let (small, more): (UInt8, [UInt8]) =
            size < 29 ? (UInt8(size), []) : (29, [UInt8(size - 29)])
        return type > 7 ? [small, type - 7] + more : [type << 5 | small] + more
    }
}
