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
        for cookie in self where cookie.name.equals(name) { return cookie.value }
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
                guard let equals = pair.firstIndex(of: 0x3D) else {
                    return Cookie(name: .empty, value: pair)
                }
                return Cookie(
                    name: pair[0..<equals].trimmed,
                    value: pair.dropFirst(equals + 1).trimmed
                )
            }
            return nil
        }
    }
}
