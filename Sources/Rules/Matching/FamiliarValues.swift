/// Values in which the rules of a phase that stand behind gates have found nothing lately. Clients send the same fields
/// with every request; a value that is met again in the same place costs a hash instead of a scan, its transformations
/// and the rules that a literal in it would wake.
///
/// One per worker and rule set, of fixed size. What a rule says about a value depends on nothing but the
/// value, its name, and which rules are in force: all of that is in the mark.
final class FamiliarValues {
    /// What stands for a value in its place. Nil marks stand for values that are not worth it.
    struct Mark: Equatable {
        fileprivate let first: UInt64
        fileprivate let second: UInt64
    }

    /// A place in a phase where values are looked at, under the conditions that hold.
    struct Place {
        let phase: Int
        let conditions: UInt64
        let watch: Int
    }

    private static let entryCount = 8_192
    private static let valueBytesLimit = 1_024

    private let key = SipHash.Key()
    // Unchecked, since no method of this class calls out while it changes them.
    @exclusivity(unchecked) private var entries = [Mark](
        repeating: Mark(first: 0, second: 0),
        count: FamiliarValues.entryCount
    )

    /// The mark of a value; nil if it is too long to be met again.
    @inline(__always)
    func mark(_ value: ByteView, named name: ByteView, in place: Place) -> Mark? {
        guard value.count + name.count <= FamiliarValues.valueBytesLimit else { return nil }
        var hash = SipHash(key, .bits128)
        hash.absorb(UInt64(truncatingIfNeeded: place.watch &<< 3 | place.phase))
        hash.absorb(place.conditions)
        hash.absorb(name)
        hash.absorb(value)
        let (first, second) = hash.finishWide()
        return Mark(first: first, second: second)
    }

    @inline(__always)
    func contains(_ mark: Mark) -> Bool {
        let pair = FamiliarValues.pair(for: mark)
        return unsafe entries[pair] == mark || entries[pair + 1] == mark
    }

    /// Keeps a mark in the place of the older one of its pair.
    func keep(_ mark: Mark) {
        let pair = FamiliarValues.pair(for: mark)
        guard unsafe entries[pair] != mark else { return }
        unsafe entries[pair + 1] = unsafe entries[pair]
        unsafe entries[pair] = mark
    }

    /// The first of the two places of a mark. With one, two of the 60 values of a usual request would stand in each
    /// other's way in every fifth process.
    @inline(__always)
    private static func pair(for mark: Mark) -> Int {
        2 * Int(truncatingIfNeeded: mark.first % UInt64(FamiliarValues.entryCount / 2))
    }
}
