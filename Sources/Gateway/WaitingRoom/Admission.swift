/// Somebody was let in.
struct Admission: Hashable, Sendable {
    /// Counts up from 1 within a log.
    let index: Int64
    let position: Int64
    /// What the visitor can compute from the own session, and nobody else can turn back into it.
    let sessionDigest: String
    let milliseconds: Int64
}
