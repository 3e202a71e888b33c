/// Whether a shared room opens when this gateway's configuration says.
///
/// Whoever told Redis last decides, also one whose configuration is older: that cannot be told from the times. What
/// differs for one look is a gateway that is being told just now.
struct OpeningAgreement {
    private static let periodMilliseconds: Int64 = 10_000

    /// The other time, if it was seen twice in a row.
    private(set) var other: Int64?
    private var seen: Int64?
    private var lookedAt: Int64 = 0

    /// Whether it is time to look.
    mutating func mayLook(_ now: Int64) -> Bool {
        guard now - lookedAt >= Self.periodMilliseconds || now < lookedAt else { return false }
        lookedAt = now
        return true
    }

    /// Takes note of when Redis has the room open, and when it draws those who are registered.
    mutating func note(opens: Int64, _ snapshot: QueueSnapshot, _ rules: QueueRules) {
        var found = opens == rules.opensMilliseconds ? nil : opens
        // 0 leaves the draw as it is, and 1 is at once.
        if found == nil, snapshot.isRegistering, rules.drawsMilliseconds > 1,
            snapshot.registration.opensAt != rules.drawsMilliseconds
        {
            found = snapshot.registration.opensAt
        }
        other = found == seen ? found : nil
        seen = found
    }
}
