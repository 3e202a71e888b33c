/// Those who came before an opening, until their order is drawn.
///
/// Its name is the opening as it was known to the first who came. It stays when the opening is put off or brought
/// forward, so that whoever registered is drawn whenever it comes.
struct QueueRegistration: Hashable, Sendable {
    /// Whole seconds, in milliseconds since 1970, and more than that of any before; 0 if there was none.
    var name: Int64 = 0
    /// When the order is drawn, milliseconds since 1970.
    var opensAt: Int64 = 0
    var count: Int64 = 0
    /// The keys that its seed is made with, by `RoomKeys.number(of:)`; 0 if that is not known.
    var key: Int64 = 0

    /// What the next one is called after a draw of that name.
    static func name(opensAt: Int64, after last: Int64) -> Int64 {
        max((QueueNumber.clamp(opensAt) + 999) / 1_000 * 1_000, last + 1_000)
    }

    /// Whether another one knows of more.
    func isBefore(_ other: QueueRegistration) -> Bool { (name, count) < (other.name, other.count) }

    var numbers: [Int64] { [name, opensAt, count, key] }
}
