/// Sessions that were left while their store was away: their slots are free as soon as it can be told.
///
/// Nothing goes on with such a session meanwhile. Bounded: what finds no room ends as if nothing had been said.
struct UntoldDepartures {
    private static let limit = 100_000
    /// Told with one tick.
    private static let batchLimit = 200

    /// When each was left.
    private var times: [SessionID: Int64] = [:]

    func contains(_ session: SessionID) -> Bool { times[session] != nil }

    mutating func note(_ session: SessionID, now: Int64) {
        guard times.count < Self.limit else { return }
        times[session] = now
    }

    mutating func forget(_ session: SessionID) { times[session] = nil }

    /// Some of those to be told; whoever was left so long ago that the session is over in any case is forgotten.
    mutating func due(now: Int64, lasting milliseconds: Int64) -> [SessionID] {
        guard !times.isEmpty else { return [] }
        times = times.filter { now - $0.value < milliseconds }
        return Array(times.keys.prefix(Self.batchLimit))
    }
}
