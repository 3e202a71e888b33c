/// The streams that were closed last, and who closed them: frames that were under way when we reset a stream are no
/// fault of the peer, frames on a stream that it has ended are.
struct DepartedStreams {
    private var entries: [Int32] = []
    private var next = 0
    /// More than can be open at a time, so that a peer that loses all of them at once is not taken for a culprit.
    private static let limit = 128

    mutating func insert(_ stream: Int32, wasResetByUs: Bool) {
        // The sign says who closed it.
        let entry = wasResetByUs ? -stream : stream
        if entries.count < Self.limit {
            entries.append(entry)
        } else {
            entries[next] = entry
            next = (next + 1) % Self.limit
        }
    }

    /// Whether we reset the stream; nil if it is not known any more, or never was.
    func wasResetByUs(_ stream: Int32) -> Bool? {
        if entries.contains(-stream) { return true }
        return entries.contains(stream) ? false : nil
    }
}
