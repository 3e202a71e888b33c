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
        var value: ByteView?
        visit(prefixed: name) { cookie in
            if cookie.name.equals(name) { value = cookie.value }
            return value == nil
        }
        return value
    }

    /// Shows each cookie whose name begins so, in order, for as long as the answer is that there may be more.
    ///
    /// Of the others no more is looked at than tells them apart.
    public func visit(prefixed prefix: ByteView, _ goesOn: (Cookie) -> Bool) {
        guard section.contains(.cookie) else { return }
        var remaining = Self.countLimit
        // What a browser sends.
        if let field = section.only(.cookie) {
            _ = Self.visit(prefixed: prefix, in: field, &remaining, goesOn)
            return
        }
        for field in section.values(of: .cookie) {
            guard Self.visit(prefixed: prefix, in: field, &remaining, goesOn) else { return }
        }
    }

    private static func visit(
        prefixed prefix: ByteView,
        in field: ByteView,
        _ remaining: inout Int,
        _ goesOn: (Cookie) -> Bool
    ) -> Bool {
        var rest = field
        while remaining > 0 {
            while !rest.isEmpty, ASCII.isBlank(rest[0]) || rest[0] == 0x3B {
                rest = rest.dropFirst(1)
            }
            guard !rest.isEmpty else { return true }
            remaining -= 1
            if rest.hasPrefix(prefix) {
                let pair = rest.prefix(rest.firstIndex(of: 0x3B) ?? rest.count)
                let (name, value) = Iterator.split(pair)
                guard goesOn(Cookie(name: name, value: value)) else { return false }
            }
            guard let end = rest.firstIndex(of: 0x3B) else { return true }
            rest = rest.dropFirst(end + 1)
        }
        return false
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
