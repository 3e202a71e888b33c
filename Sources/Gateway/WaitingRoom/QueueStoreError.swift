/// Why a store did not answer.
enum QueueStoreError: Error, Hashable, Sendable {
    /// Not reachable, or reachable and refusing to work.
    case away
    /// There again, and not ready to give out numbers: others came earlier and have none yet.
    case settling(ProvisionalPlace)
}
