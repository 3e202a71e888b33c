/// Where a queue lives: in this process, or in Redis when several gateways share a room.
///
/// Times are milliseconds since 1970. What is not `async` never waits and never leaves the process.
protocol QueueStore: Sendable {
    /// The queue as last heard of.
    func snapshot() -> QueueSnapshot

    /// Whether the queue as last heard of was asked for after that moment, so that it knows all that happened before,
    /// also through other gateways.
    func isCurrent(since moment: Int64) -> Bool

    /// The clock that counts less this process's, in milliseconds.
    var clockOffset: Int64 { get }

    /// Whether other gateways let people in as well.
    var isShared: Bool { get }

    /// How many gateways were there when it was last heard of, this one included.
    var nodeCount: Int { get }

    /// When the store has the room open, if that is not when it was told from here: another gateway told it since.
    var foreignOpening: Int64? { get }

    /// Why it was away last, for operators; nil if there is no more to say.
    var failure: String? { get }

    /// Counts a request of a session and says what is known of it here.
    func touch(_ session: SessionID, now: Int64) -> SessionStanding

    /// Counts a session from the answer to its request on: the backend has had the request by then, however long that
    /// was on its way. A request that is given up counts from its beginning. What is not known here, or over, stays so.
    func noteAnswer(to session: SessionID, now: Int64)

    /// Notes that a place in line was seen and need not be seen again before `aliveUntil`.
    func mark(_ position: Int64, aliveUntil: Int64)

    /// Issues the next number; nil if the line is full.
    func join(aliveUntil: Int64, now: Int64) async throws(QueueStoreError) -> QueuePlace?

    /// Notes somebody who came before an opening; nil if there are too many. The count is the visitor's own: as the
    /// how-manieth.
    ///
    /// - Parameters:
    ///   - opensAt: when it opens as far as is known here; that counts if this is the first.
    ///   - key: the keys that the seed is made with, if this is the first.
    ///   - provisional: the place that the visitor has had until now and gives up for it.
    func register(
        opensAt: Int64,
        key: Int64,
        insteadOf provisional: ProvisionalPlace?,
        now: Int64
    ) async throws(QueueStoreError) -> QueueRegistration?

    /// Notes that one of the registration of that name left before the draw: what is drawn for it is nobody's. Nothing
    /// happens if the line of that epoch is over.
    func withdraw(_ index: Int64, of name: Int64, epoch: Int64, now: Int64)
        async throws(QueueStoreError)

    /// Takes out some of those who left before a draw, by their indexes; none if the draw is not the last one.
    func withdrawn(from draw: QueueDraw, now: Int64) async throws(QueueStoreError) -> [Int64]

    /// A place for somebody who came while the store is away: it is numbered later, in the order of arrival.
    func provision(now: Int64) -> ProvisionalPlace

    /// The number of such a place; nil while it has none.
    func place(_ provisional: ProvisionalPlace, now: Int64) async throws(QueueStoreError)
        -> QueuePlace?

    /// Asks for the turn of a number.
    func claim(_ claim: QueueTurn, now: Int64) async throws(QueueStoreError) -> QueueClaim

    /// Calls a number up before the line; false if the invitation was used up, or the ticket is good no more.
    ///
    /// - Parameter moves: how often the place had been moved when the ticket was made.
    func invite(_ position: Int64, moves: Int64, invitation: Invitation, now: Int64)
        async throws(QueueStoreError) -> Bool

    /// Keeps a place ready for whoever names the code within some minutes; false if the ticket is good no more.
    func offer(_ offer: QueueOffer, code: String, now: Int64) async throws(QueueStoreError) -> Bool

    /// The place that a code stands for, once; from then on only tickets with this count of moves are good for it.
    func redeem(_ code: String, now: Int64) async throws(QueueStoreError) -> QueueOffer?

    /// Puts a session's end off and says until when; nil if it is over.
    ///
    /// - Parameter adopts: whether a session that the store has forgotten may be taken over, which it allows only
    ///   while it learns again what it knew.
    func renew(_ session: SessionID, adopts: Bool, now: Int64) async throws(QueueStoreError)
        -> Int64?

    /// Until when a session may go on while the store is away; nil if it may not.
    ///
    /// - Parameter until: the end that the visitor's pass names, which may have passed where this node knows a later
    ///   one.
    func extend(_ session: SessionID, until: Int64, now: Int64) -> Int64?

    /// Ends a session.
    func leave(_ session: SessionID, now: Int64) async throws(QueueStoreError)

    /// Gives up a place; nothing happens if the ticket is not the last one of its place.
    func giveUp(_ position: Int64, moves: Int64, now: Int64) async throws(QueueStoreError)

    /// Takes over new rules; places and sessions stay.
    func configure(_ rules: QueueRules, now: Int64) async throws(QueueStoreError)

    /// What operators decided last, as far as heard of.
    var control: RoomControl { get }

    /// Makes a decision of an operator known to every node and to those that come later.
    func decide(_ control: RoomControl, now: Int64) async throws(QueueStoreError)

    /// Lets time pass; called every 100 ms or so.
    func tick(now: Int64) async throws(QueueStoreError)

    /// Admissions since the one of that number, in order; at most `limit`.
    func admissions(after index: Int64, limit: Int, now: Int64) async throws(QueueStoreError)
        -> [Admission]
}

extension QueueStore {
    var nodeCount: Int { 1 }
    var foreignOpening: Int64? { nil }
}
