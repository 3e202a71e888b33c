/// The field lines of one head or trailer section, in the order received, together with the bytes they stand in.
///
/// The section owns a copy of its bytes, so its views stay valid while the connection reads on; they end when the
/// owner is parsed into again, reset or released. Storage is kept from one message to the next.
@safe
public final class FieldSection {
    /// One field line: where its name and value stand in the bytes.
    @usableFromInline
    struct Line {
        @usableFromInline var nameStart: UInt32
        @usableFromInline var valueStart: UInt32
        @usableFromInline var valueLength: UInt32
        @usableFromInline var nameLength: UInt16
        @usableFromInline var name: FieldName
        @usableFromInline var isHopByHop: Bool
    }

    /// Number of field lines.
    public internal(set) final var count = 0
    @usableFromInline final var lines: UnsafeMutablePointer<Line>
    @usableFromInline final var lineCapacity = 0
    @usableFromInline final var storage: UnsafeMutablePointer<UInt8>
    @usableFromInline final var storageCapacity = 0
    @usableFromInline final var storageCount = 0
    @usableFromInline final var seen = NameSet()
    @usableFromInline final var repeated = NameSet()

    /// An empty section; storage comes with the first message.
    public init() {
        unsafe lines = .allocate(capacity: 0)
        unsafe storage = .allocate(capacity: 0)
    }

    deinit {
        unsafe lines.deallocate()
        unsafe storage.deallocate()
    }

    @inlinable
    func line(at index: Int) -> Line {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
        return unsafe lines[index]
    }

    /// The `length` stored bytes at `start`.
    @inlinable
    func view(_ start: Int, _ length: Int) -> ByteView {
        precondition(start >= 0 && length >= 0 && start &+ length <= storageCount)
        return unsafe ByteView(UnsafePointer(storage) + start, count: length)
    }

    /// The known name of the field line at `index`.
    @inlinable
    public func known(_ index: Int) -> FieldName { line(at: index).name }

    /// The name of the field line at `index`, as received.
    @inlinable
    public func name(_ index: Int) -> ByteView {
        let line = line(at: index)
        return view(Int(line.nameStart), Int(line.nameLength))
    }

    /// The value of the field line at `index`, without surrounding spaces and tabs.
    @inlinable
    public func value(_ index: Int) -> ByteView {
        let line = line(at: index)
        return view(Int(line.valueStart), Int(line.valueLength))
    }

    /// Whether the line concerns this connection alone and must not be forwarded (RFC 9110 section 7.6.1).
    @inlinable
    public func isHopByHop(_ index: Int) -> Bool { line(at: index).isHopByHop }

    /// Whether a field of this name is present.
    @inlinable
    public func contains(_ name: FieldName) -> Bool { seen.contains(name) }

    /// The index of the first field of this name at or after `start`.
    @inlinable
    public func firstIndex(of name: FieldName, from start: Int = 0) -> Int? {
        guard seen.contains(name) else { return nil }
        var index = max(0, start)
        while index < count {
            if unsafe lines[index].name == name { return index }
            index &+= 1
        }
        return nil
    }

    /// The value of the first field of this name.
    @inlinable
    public func first(of name: FieldName) -> ByteView? {
        firstIndex(of: name).map { value($0) }
    }

    /// The value of the only field of this name; nil when there is none or more than one.
    @inlinable
    public func only(_ name: FieldName) -> ByteView? {
        repeated.contains(name) ? nil : first(of: name)
    }

    /// Number of field lines of this name.
    public func count(of name: FieldName) -> Int {
        guard repeated.contains(name) else { return seen.contains(name) ? 1 : 0 }
        return (0..<count).count { known($0) == name }
    }

    /// The values of all fields of this name, in order.
    public func values(of name: FieldName) -> FieldValues {
        FieldValues(section: self, name: name)
    }

    /// The index of the first field of this name, compared without case, at or after `start`.
    public func firstIndex(named name: ByteView, from start: Int = 0) -> Int? {
        var index = max(0, start)
        while index < count {
            if self.name(index).equalsIgnoringCase(name) { return index }
            index &+= 1
        }
        return nil
    }

    /// The value of the first field of this name, compared without case.
    public func first(named name: ByteView) -> ByteView? {
        firstIndex(named: name).map { value($0) }
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

/// A set of known names as two words.
@usableFromInline
struct NameSet {
    @usableFromInline var low: UInt64 = 0
    @usableFromInline var high: UInt64 = 0

    @inlinable
    init() {}

    @inlinable
    func contains(_ name: FieldName) -> Bool {
        let word = name.rawValue < 64 ? low : high
        return (word >> UInt64(name.rawValue & 63)) & 1 != 0
    }

    @inlinable
    mutating func insert(_ name: FieldName) {
        let bit = UInt64(1) << UInt64(name.rawValue & 63)
        if name.rawValue < 64 { low |= bit } else { high |= bit }
    }
}
