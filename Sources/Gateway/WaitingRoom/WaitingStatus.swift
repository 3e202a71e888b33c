/// What a visitor is told about a place: one header field, one JSON object, or one page.
///
/// An object, since it goes through many hands with every poll; each belongs to one request.
final class WaitingStatus {
    enum State: String, Sendable, CaseIterable {
        /// Registered, or able to, before the start; the order is drawn then.
        case prequeue
        case queued
        case paused
        /// The turn has come and is kept for a while; the next request to a protected path takes it.
        case ready
        case admitted
        case full
        case expired
        /// A proof is wanted first.
        case challenge
        case open
    }

    var state: State
    let room: String
    /// The place's number; nil while it has none.
    var ticket: Int64?
    /// The number of its registration for a draw, by which that can be checked.
    var registration: Int64?
    /// Places before this one.
    var ahead: Int64?
    /// Those of them who are still there, as far as is known; told to nobody.
    var people: Int64?
    var estimate: WaitEstimator.Estimate?
    /// Ask again after so many seconds; nil if that would be pointless.
    var pollSeconds: Int64?
    let epoch: Int64
    let nowMilliseconds: Int64
    var opensAtMilliseconds: Int64?
    var readyUntilMilliseconds: Int64?
    var sessionUntilMilliseconds: Int64?
    /// The SHA-256 of the seed that will decide the order, in hexadecimal digits.
    var seedDigest: String?
    /// What is left to be sold, and how many more visitors will find something.
    var remaining: Int64?
    var remainingVisitors: Int64?
    /// The work that is wanted before the turn can be taken.
    var challenge: ProofOfWork?
    /// A stable word for programs.
    var reason: Reason?
    /// A sentence for people, in their language.
    var message: String?

    init(state: State, room: String, epoch: Int64, nowMilliseconds: Int64) {
        self.state = state
        self.room = room
        self.epoch = epoch
        self.nowMilliseconds = nowMilliseconds
    }

    enum Reason: String, Sendable {
        case operatorPause = "operator-pause"
        case storeAway = "store-away"
        case roomClosed = "room-closed"
        case lineFull = "line-full"
        case tooManyPlaces = "too-many-places"
        case ticketSpent = "ticket-spent"
        case noTicket = "no-ticket"
        /// Of a code that takes a place to another device.
        case wrongCode = "wrong-code"
        /// Many came in from the same network or with the same fingerprint, so others go first.
        case heldBack = "held-back"
        case notOpenYet = "not-open-yet"
        case queueAll = "queue-all"
        case soldOut = "sold-out"
        /// The store has forgotten something, and learns it again before anybody is let in.
        case recovering
        /// This gateway has too much to do to let anybody in.
        case busy
        case maintenance = "maintenance"
    }
}
