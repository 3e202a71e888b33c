import HTTP

/// An entity tag as it stands in a field (RFC 9110 section 8.8.3). The bytes belong to the field it was read from.
@safe
struct EntityTag {
    /// With its quotes, without `W/`.
    let opaque: ByteView
    let isWeak: Bool

    /// Reads a field value that is exactly one entity tag, as ETag and If-Range have it; nil for anything else.
    init?(_ value: ByteView) {
        var list = EntityTagList(value)
        guard let tag = list.next(), list.isAtEnd else { return nil }
        self = tag
    }

    fileprivate init(opaque: ByteView, isWeak: Bool) {
        self.opaque = opaque
        self.isWeak = isWeak
    }

    /// Weak comparison: equal but for the `W/` (RFC 9110 section 8.8.3.2). For If-None-Match.
    func weaklyEquals(_ other: EntityTag) -> Bool {
        opaque.equals(other.opaque)
    }

    /// Strong comparison: equal, and neither is weak. For If-Range.
    func stronglyEquals(_ other: EntityTag) -> Bool {
        !isWeak && !other.isWeak && opaque.equals(other.opaque)
    }
}

/// Walks the entity tags of an If-None-Match field line; it ends at the first thing that is not one.
///
/// A list of its own, since an opaque tag knows no escapes: a backslash before its closing quote is just a byte.
@safe
struct EntityTagList {
    private let line: ByteView
    private var index = 0

    init(_ line: ByteView) {
        self.line = line
    }

    var isAtEnd: Bool { index >= line.count }

    mutating func next() -> EntityTag? {
        while index < line.count, Self.isSeparator(line[index]) { index += 1 }
        let isWeak = index + 1 < line.count && line[index] == 0x57 && line[index + 1] == 0x2F
        let start = isWeak ? index + 2 : index
        guard start < line.count, line[start] == 0x22 else { return nil }
        var end = start + 1
        while end < line.count, line[end] != 0x22 {
            guard line[end] > 0x20, line[end] != 0x7F else { return nil }
            end += 1
        }
        guard end < line.count else { return nil }
        index = end + 1
        guard index == line.count || Self.isSeparator(line[index]) else { return nil }
        return EntityTag(opaque: line[start..<index], isWeak: isWeak)
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x2C
    }
}
