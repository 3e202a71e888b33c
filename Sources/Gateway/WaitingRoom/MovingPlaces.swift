/// Places that go from one device to another: by a code that is good once and for some minutes, and for good.
struct MovingPlaces: Sendable {
    private var offers: [String: (offer: QueueOffer, until: Int64)] = [:]
    /// How often a place was moved; those that never were are not here.
    private(set) var moves: [Int64: Int64] = [:]
    private var dropped: Int64 = 0

    init(moves: [Int64: Int64] = [:]) { self.moves = moves }

    /// Whether a ticket is the last one of its place. A place that nothing is known of is anybody's who has a ticket.
    func isLast(_ position: Int64, moves count: Int64) -> Bool {
        moves[position].map { $0 == count } ?? true
    }

    /// Notes a code; false if the ticket is not the last, or too many codes are out.
    mutating func offer(_ offer: QueueOffer, code: String, now: Int64) -> Bool {
        if offers.count >= QueueOffer.limit { offers = offers.filter { $0.value.until > now } }
        guard isLast(offer.place.position, moves: offer.moves), offer.moves < Ticket.moveLimit,
            offers.count < QueueOffer.limit
        else { return false }
        offers[code] = (offer, now + QueueOffer.milliseconds)
        return true
    }

    /// What a code stands for; nil if it is none, or was overtaken by another.
    func offer(of code: String, now: Int64) -> QueueOffer? {
        guard let known = offers[code], known.until > now,
            isLast(known.offer.place.position, moves: known.offer.moves)
        else { return nil }
        return known.offer
    }

    /// Moves the place: tickets made before are good no more.
    mutating func take(_ offer: QueueOffer, code: String) -> QueueOffer {
        offers[code] = nil
        moves[offer.place.position] = offer.moves + 1
        return QueueOffer(
            place: offer.place,
            isInvited: offer.isInvited,
            moves: offer.moves + 1
        )
    }

    /// Forgets places past their grace, but for those that are still called up.
    mutating func drop(through floor: Int64, except isCalledUp: (Int64) -> Bool) {
        guard floor > dropped else { return }
        dropped = floor
        if !moves.isEmpty { moves = moves.filter { $0.key > floor || isCalledUp($0.key) } }
    }
}
