/// Places that were called up before the line, and how often each invitation was used for that.
struct InvitedPlaces: Sendable {
    private(set) var uses: [String: Int]
    private(set) var places: Set<Int64>
    private var dropped: Int64 = 0

    init(uses: [String: Int] = [:], places: Set<Int64> = []) {
        self.uses = uses
        self.places = places
    }

    func contains(_ position: Int64) -> Bool { places.contains(position) }

    /// Uses an invitation for a place, once for all its tickets; false if it was used up.
    mutating func add(_ position: Int64, with invitation: String, limit: Int) -> Bool {
        guard !places.contains(position) else { return true }
        guard uses[invitation, default: 0] < limit else { return false }
        uses[invitation, default: 0] += 1
        places.insert(position)
        return true
    }

    mutating func remove(_ position: Int64) { places.remove(position) }

    /// Forgets places past their grace, but for those that are still called up.
    mutating func drop(through floor: Int64, except isCalledUp: (Int64) -> Bool) {
        guard floor > dropped else { return }
        dropped = floor
        if !places.isEmpty { places = places.filter { $0 > floor || isCalledUp($0) } }
    }
}
