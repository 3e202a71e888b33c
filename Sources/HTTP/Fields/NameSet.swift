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
    mutating func insert(_ name: FieldName, where condition: Bool = true) {
        let bit = (condition ? UInt64(1) : 0) << UInt64(name.rawValue & 63)
        if name.rawValue < 64 { low |= bit } else { high |= bit }
    }
}
