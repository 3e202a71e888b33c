/// The storage behind a `FieldSection`: a table of field lines and the bytes they stand in.
///
/// A plain struct, so that a parser works on a copy of it and puts it back when done. The section frees what the copy
/// it holds points to, so a copy that was changed must be put back.
@safe
struct FieldTable {
    /// One field line: where its name and value stand in the bytes.
    struct Line {
        var nameStart: UInt32
        var valueStart: UInt32
        var valueLength: UInt32
        var nameLength: UInt16
        var name: FieldName
        var isHopByHop: Bool
    }

    private(set) var count = 0
    private var lines: UnsafeMutablePointer<Line>
    private var lineCapacity = 0
    private var storage: UnsafeMutablePointer<UInt8>
    private(set) var storageCapacity = 0
    private(set) var storageCount = 0
    private(set) var seen = NameSet()
    private(set) var repeated = NameSet()

    init() {
        unsafe lines = .allocate(capacity: 0)
        unsafe storage = .allocate(capacity: 0)
    }

    func deallocate() {
        unsafe lines.deallocate()
        unsafe storage.deallocate()
    }

    @inline(__always)
    func line(at index: Int) -> Line {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
        return unsafe lines[index]
    }

    /// The stored bytes of `place`.
    @inline(__always)
    func view(_ place: Range<Int>) -> ByteView {
        precondition(place.lowerBound >= 0 && place.upperBound <= storageCount)
        return unsafe ByteView(
            UnsafePointer(storage) + place.lowerBound,
            count: place.upperBound &- place.lowerBound
        )
    }

    @inline(__always)
    func valuePlace(_ index: Int) -> Range<Int> {
        let line = line(at: index)
        return Int(line.valueStart)..<Int(line.valueStart) &+ Int(line.valueLength)
    }

    @inline(__always)
    func value(_ index: Int) -> ByteView { view(valuePlace(index)) }

    /// The whole line at `index` with its CRLF, if it was received in the form in which it would be written.
    @inline(__always)
    func wholeLine(_ index: Int) -> ByteView? {
        let line = line(at: index)
        let nameEnd = Int(line.nameStart) &+ Int(line.nameLength)
        let valueEnd = Int(line.valueStart) &+ Int(line.valueLength)
        guard Int(line.valueStart) == nameEnd &+ 2, valueEnd &+ 2 <= storageCount,
            unsafe storage[nameEnd &+ 1] == ASCII.space,
            unsafe storage[valueEnd] == ASCII.carriageReturn
        else { return nil }
        return view(Int(line.nameStart)..<valueEnd &+ 2)
    }

    @inline(__always)
    func name(_ index: Int) -> ByteView {
        let line = line(at: index)
        return view(Int(line.nameStart)..<Int(line.nameStart) &+ Int(line.nameLength))
    }

    @inline(__always)
    func firstIndex(of name: FieldName, from start: Int = 0) -> Int? {
        guard seen.contains(name) else { return nil }
        var index = max(0, start)
        while index < count {
            if unsafe lines[index].name == name { return index }
            index &+= 1
        }
        return nil
    }

    @inline(__always)
    func first(of name: FieldName) -> ByteView? {
        guard let index = firstIndex(of: name) else { return nil }
        return value(index)
    }

    /// The index of the first field of this name, compared without case, at or after `start`; a field with a
    /// name that is not known and that `Connection` lists is not there for anybody.
    func firstIndex(named name: ByteView, from start: Int) -> Int? {
        var index = max(0, start)
        while index < count {
            if self.name(index).equalsIgnoringCase(name), !isHidden(index) { return index }
            index &+= 1
        }
        return nil
    }

    private func isHidden(_ index: Int) -> Bool {
        let line = line(at: index)
        return line.isHopByHop && line.name == .other
    }
}

extension FieldTable {
    /// Forgets all fields and keeps the storage.
    mutating func removeAll() {
        count = 0
        storageCount = 0
        seen = NameSet()
        repeated = NameSet()
    }

    /// Adds a line whose places are relative to the first byte of the head.
    @inline(__always)
    mutating func append(_ line: Line) {
        if count == lineCapacity { growLines() }
        unsafe (lines + count).initialize(to: line)
        count &+= 1
        seen.insert(line.name, orInto: &repeated)
    }

    @inline(never)
    private mutating func growLines() {
        let capacity = max(16, lineCapacity * 2)
        let grown = UnsafeMutablePointer<Line>.allocate(capacity: capacity)
        unsafe grown.moveInitialize(from: lines, count: count)
        unsafe lines.deallocate()
        unsafe lines = grown
        lineCapacity = capacity
    }

    /// Copies the bytes of a complete head in.
    @inline(__always)
    mutating func adopt(_ head: ByteView) {
        storageCount = 0
        if head.count > storageCapacity { reserve(head.count) }
        unsafe storage.update(from: head.base, count: head.count)
        storageCount = head.count
    }

    /// Makes room for `capacity` bytes and keeps those stored; views taken before are void afterwards.
    @inline(never)
    mutating func reserve(_ capacity: Int) {
        guard capacity > storageCapacity else { return }
        let rounded = max(1024, (capacity + 1023) & ~1023)
        let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: rounded)
        unsafe grown.update(from: storage, count: storageCount)
        unsafe storage.deallocate()
        unsafe storage = grown
        storageCapacity = rounded
    }

    /// Writes behind the stored bytes; the body returns how many it wrote of the room reserved before.
    mutating func appendBytes(_ body: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
        let room = storageCapacity - storageCount
        let written = unsafe body(
            UnsafeMutableBufferPointer(start: storage + storageCount, count: room)
        )
        precondition(written >= 0 && written <= room)
        storageCount += written
    }

    func markHopByHop(_ index: Int) {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
        unsafe lines[index].isHopByHop = true
    }
}
