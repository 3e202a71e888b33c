/// The last admissions of a queue kept in process, by number.
struct AdmissionLog: Sendable {
    private var admissions = RecentEntries<Admission>(limit: 100_000)

    mutating func append(_ position: Int64, _ session: SessionID, now: Int64) {
        admissions.append(
            Admission(
                index: admissions.last + 1,
                position: position,
                sessionDigest: session.publicDigest,
                milliseconds: now
            )
        )
    }

    /// Entries behind the one of that number.
    func entries(after index: Int64, limit: Int) -> [Admission] {
        admissions.page(after: index, limit: limit).entries
    }
}
