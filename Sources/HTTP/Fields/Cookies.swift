/// One pair of a `Cookie` field, its bytes as received; a pair without `=` has an empty name.
public struct Cookie {
    public let name: ByteView
    public let value: ByteView
}

/// The cookies of a request, over all its `Cookie` fields in order, allocating nothing.
///
/// Values are not decoded and quotation marks are not taken off: whoever signed a value gets back what was set. The
/// views live as long as the head's.
public struct Cookies: Sequence {
    /// Pairs that are looked at; those behind are as if they had not been sent.
    public static let countLimit = 256

    let section: FieldSection

    public init(_ section: FieldSection) {
        self.section = section
    }

    public func makeIterator() -> Iterator {
        Iterator(fields: section.values(of: .cookie))
    }

    /// The value of the first cookie of this name; names are case-sensitive.
    public func first(named name: ByteView) -> ByteView? {
        guard section.contains(.cookie) else { return nil }
        var remaining = Self.countLimit
        // What a browser sends.
        if let field = section.only(.cookie) {
            return Self.first(named: name, in: field, &remaining)
        }
        for field in section.values(of: .cookie) {
            if let value = Self.first(named: name, in: field, &remaining) { return value }
        }
        return nil
    }

    /// Looks at no more of a pair than tells it from the one that is wanted.
    private static func first(named name: ByteView, in field: ByteView, _ remaining: inout Int)
        -> ByteView?
    {
        var rest = field
        while remaining > 0 {
            while !rest.isEmpty, ASCII.isBlank(rest[0]) || rest[0] == 0x3B {
                rest = rest.dropFirst(1)
            }
            guard !rest.isEmpty else { return nil }
            remaining -= 1
            if rest.hasPrefix(name) {
                let pair = rest.prefix(rest.firstIndex(of: 0x3B) ?? rest.count)
                let (key, value) = Iterator.split(pair)
                if key.equals(name) { return value }
            }
            guard let end = rest.firstIndex(of: 0x3B) else { return nil }
            rest = rest.dropFirst(end + 1)
        }
        return nil
    }

    /// The value of the first cookie of this name; names are case-sensitive.
    public func first(named name: StaticString) -> ByteView? {
        first(named: ByteView(name))
    }

    /// Number of cookies of this name; more than one is ambiguous.
    public func count(named name: ByteView) -> Int {
        count { $0.name.equals(name) }
    }

    public struct Iterator: IteratorProtocol {
        private var fields: FieldValues
        private var rest = ByteView.empty
        private var remaining = Cookies.countLimit

        init(fields: FieldValues) {
            self.fields = fields
        }

        public mutating func next() -> Cookie? {
            while remaining > 0 {
                guard !rest.isEmpty else {
                    guard let value = fields.next() else { return nil }
                    rest = value
                    continue
                }
                let end = rest.firstIndex(of: 0x3B) ?? rest.count
                let pair = rest[0..<end].trimmed
                rest = rest.dropFirst(end + 1)
                if pair.isEmpty { continue }
                remaining -= 1
                let (name, value) = Self.split(pair)
                return Cookie(name: name, value: value)
            }
            return nil
        }

        static func split(_ pair: ByteView) -> (name: ByteView, value: ByteView) {
            guard let equals = pair.firstIndex(of: 0x3D) else { return (.empty, pair.trimmed) }
            return (pair[0..<equals].trimmed, pair.dropFirst(equals + 1).trimmed)
        }
    }
}
