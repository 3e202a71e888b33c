/// The field lines of one head or trailer section, in the order received, together with the bytes they stand in.
///
/// The section owns a copy of its bytes, so its views stay valid while the connection reads on; they end when the
/// owner is parsed into again, reset or released. Storage is kept from one message to the next.
@safe
public final class FieldSection {
    // Behind a pointer, since each access to a stored property of a class is checked for exclusiveness at run time.
    private let box: UnsafeMutablePointer<FieldTable>

    /// An empty section; storage comes with the first message.
    public init() {
        unsafe box = .allocate(capacity: 1)
        unsafe box.initialize(to: FieldTable())
    }

    deinit {
        table.deallocate()
        unsafe box.deallocate()
    }

    var table: FieldTable {
        @inline(__always) get { unsafe box.pointee }
        @inline(__always) set { unsafe box.pointee = newValue }
    }

    /// Changes the table where it stands.
    @inline(__always)
    func change<Result>(_ body: (inout FieldTable) -> Result) -> Result {
        unsafe body(&box.pointee)
    }

    /// Number of field lines.
    public var count: Int { table.count }

    /// The known name of the field line at `index`.
    public func known(_ index: Int) -> FieldName { table.line(at: index).name }

    /// The name of the field line at `index`, as received.
    public func name(_ index: Int) -> ByteView { table.name(index) }

    /// The value of the field line at `index`, without surrounding spaces and tabs.
    public func value(_ index: Int) -> ByteView { table.value(index) }

    /// The whole line at `index` with its CRLF, if it was received in the form in which it would be written.
    func wholeLine(_ index: Int) -> ByteView? { table.wholeLine(index) }

    /// Whether the line concerns this connection alone and must not be forwarded (RFC 9110 section 7.6.1).
    public func isHopByHop(_ index: Int) -> Bool { table.line(at: index).isHopByHop }

    /// Whether a field of this name is present.
    public func contains(_ name: FieldName) -> Bool { name != .other && table.seen.contains(name) }

    /// The index of the first field of this name at or after `start`.
    public func firstIndex(of name: FieldName, from start: Int = 0) -> Int? {
        table.firstIndex(of: name, from: start)
    }

    /// The value of the first field of this name.
    public func first(of name: FieldName) -> ByteView? { table.first(of: name) }

    /// The value of the only field of this name; nil when there is none or more than one, and for `.other`, which is no
    /// name.
    public func only(_ name: FieldName) -> ByteView? {
        name == .other || table.repeated.contains(name) ? nil : table.first(of: name)
    }

    /// Number of field lines of this name.
    public func count(of name: FieldName) -> Int {
        guard table.repeated.contains(name) else { return table.seen.contains(name) ? 1 : 0 }
        return (0..<count).count { known($0) == name }
    }

    /// The values of all fields of this name, in order.
    public func values(of name: FieldName) -> FieldValues {
        FieldValues(section: self, name: name)
    }

    /// The index of the first field of this name, compared without case, at or after `start`.
    public func firstIndex(named name: ByteView, from start: Int = 0) -> Int? {
        table.firstIndex(named: name, from: start)
    }

    /// The value of the first field of this name, compared without case.
    public func first(named name: ByteView) -> ByteView? {
        firstIndex(named: name).map { value($0) }
    }

    /// The value of the first field of this name, compared without case.
    public func first(named name: StaticString) -> ByteView? {
        first(named: ByteView(name))
    }

    /// Forgets all fields and keeps the storage.
    func removeAll() {
        change { $0.removeAll() }
    }

    /// Forgets all fields and gives the storage back.
    func release() {
        table.deallocate()
        table = FieldTable()
    }
}

/// The values of all fields of one name; an iterator and a sequence in one, allocating nothing.
public struct FieldValues: Sequence, IteratorProtocol {
    let section: FieldSection
    let name: FieldName
    var index = 0

    public mutating func next() -> ByteView? {
        guard let found = section.firstIndex(of: name, from: index) else { return nil }
        index = found + 1
        return section.value(found)
    }
}
