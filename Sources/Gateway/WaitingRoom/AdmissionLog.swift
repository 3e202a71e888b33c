/// The last admissions of a queue kept in process, by number.
struct AdmissionLog: Sendable {
    private static let limit = 100_000

    private var entries: [Admission] = []
    /// Entries at the front that were let go of.
    private var dropped: Int64 = 0

    mutating func append(_ position: Int64, _ session: SessionID, now: Int64) {
        entries.append(
            Admission(
                index: dropped + Int64(entries.count) + 1,
                position: position,
                sessionDigest: session.publicDigest,
                milliseconds: now
            )
        )
        guard entries.count >= 2 * Self.limit else { return }
        entries.removeFirst(Self.limit)
        dropped += Int64(Self.limit)
    }

    /// Entries behind the one of that number.
    func entries(after index: Int64, limit: Int) -> [Admission] {
        let start = Int(clamping: max(max(index, 0) - dropped, 0))
        guard start < entries.count else { return [] }
        return Array(entries[start...].prefix(max(limit, 0)))
    }
}
