/// A set of known names as two words; `.other` may be put in and is then a member like any other.
struct NameSet {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    init() {}

    init(_ names: FieldName...) {
        for name in names { insert(name) }
    }

    @inline(__always)
    func contains(_ name: FieldName) -> Bool {
        let word = name.rawValue < 64 ? low : high
        return (word >> UInt64(name.rawValue & 63)) & 1 != 0
    }

    @inline(__always)
    mutating func insert(_ name: FieldName) {
        let bit = UInt64(1) << UInt64(name.rawValue & 63)
        if name.rawValue < 64 { low |= bit } else { high |= bit }
    }

    /// Puts the name in; when it is a member already, puts it into the other set as well.
    @inline(__always)
    mutating func insert(_ name: FieldName, orInto repeated: inout NameSet) {
        let bit = UInt64(1) << UInt64(name.rawValue & 63)
        if name.rawValue < 64 {
            repeated.low |= low & bit
            low |= bit
        } else {
            repeated.high |= high & bit
            high |= bit
        }
    }
}
