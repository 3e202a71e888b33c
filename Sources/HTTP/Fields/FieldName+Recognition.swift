extension FieldName {
    /// The known name these bytes spell, whatever their case; `.other` when they spell none.
    public init(recognising name: ByteView) {
        guard name.allSatisfy(.token) else {
            self = .other
            return
        }
        self.init(recognisingToken: name)
    }

    /// The same for a name that is known to be a token.
    init(recognisingToken name: ByteView) {
        self = unsafe FieldNameTable.shared.find(name, followedBy: 0)
    }
}

/// A hash table over the known names, keyed by length and by the first and last eight bytes with `0x20` set in each.
///
/// Setting that bit lowers capitals and maps no two token characters or control-free bytes of different meaning
/// together that a known name contains, so a hit needs no second look at the case.
@safe
struct FieldNameTable {
    /// Length, first word, last word, and what lies between them in names longer than sixteen bytes.
    struct Entry {
        let length: Int
        let first: UInt64
        let last: UInt64
        let second: UInt64
        let third: UInt64
    }

    static let slotCount = 512

    // Built once before its first use, never changed and never freed: reading it from several threads is safe.
    nonisolated(unsafe) static let shared = FieldNameTable()

    private let slots: UnsafeMutablePointer<UInt8>
    private let entries: UnsafeMutablePointer<Entry>

    private init() {
        unsafe slots = .allocate(capacity: Self.slotCount)
        unsafe slots.initialize(repeating: 0, count: Self.slotCount)
        unsafe entries = .allocate(capacity: FieldName.texts.count)
        for (index, text) in FieldName.texts.enumerated() {
            let entry = Self.entry(of: ByteView(text), readable: text.utf8CodeUnitCount)
            unsafe (entries + index).initialize(to: entry)
            guard index > 0 else { continue }
            var slot = Self.slot(of: entry.length, entry.first, entry.last)
            while unsafe slots[slot] != 0 { slot = (slot &+ 1) & (Self.slotCount &- 1) }
            unsafe slots[slot] = UInt8(truncatingIfNeeded: index)
        }
    }

    /// The known name that equals `name`; `readable` more bytes behind it may be read (and are ignored).
    @inline(never)
    func find(_ name: ByteView, followedBy readable: Int) -> FieldName {
        guard name.count >= 2, name.count <= 32 else { return .other }
        let key = Self.entry(of: name, readable: name.count &+ readable)
        var slot = Self.slot(of: key.length, key.first, key.last)
        while true {
            let candidate = unsafe slots[slot]
            if candidate == 0 { return .other }
            let entry = unsafe entries[Int(candidate)]
            if entry.first == key.first, entry.last == key.last, entry.length == key.length,
                entry.second == key.second, entry.third == key.third
            {
                return FieldName(rawValue: candidate) ?? .other
            }
            slot = (slot &+ 1) & (Self.slotCount &- 1)
        }
    }

    @inline(__always)
    private static func slot(of length: Int, _ first: UInt64, _ last: UInt64) -> Int {
        let mixed =
            (first ^ (last << 7) ^ UInt64(truncatingIfNeeded: length)) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> 55)
    }

    @inline(__always)
    private static func entry(of name: ByteView, readable: Int) -> Entry {
        let length = name.count
        let lowered: UInt64 = 0x2020_2020_2020_2020
        if length < 8 {
            let word = shortWord(of: name, readable: readable) | lowered
            return Entry(length: length, first: word, last: word, second: 0, third: 0)
        }
        return Entry(
            length: length,
            first: name.word(at: 0) | lowered,
            last: name.word(at: length &- 8) | lowered,
            second: length > 16 ? name.word(at: 8) | lowered : 0,
            third: length > 24 ? name.word(at: 16) | lowered : 0
        )
    }

    /// Up to seven bytes as a word with zeros above them.
    @inline(__always)
    private static func shortWord(of name: ByteView, readable: Int) -> UInt64 {
        let length = name.count
        if readable >= 8 {
            let mask = (UInt64(1) << UInt64(length &* 8)) &- 1
            return unsafe ByteView(name.base, count: readable).word(at: 0) & mask
        }
        var word: UInt64 = 0
        for index in 0..<length { word |= UInt64(name[index]) << UInt64(index &* 8) }
        return word
    }
}
