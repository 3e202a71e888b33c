/// One waiting room as the operator describes it.
struct WaitingRoomSettings: Sendable {
    /// What the room does with visitors who have no session.
    enum Mode: String, Hashable, Sendable, CaseIterable {
        /// Lets people in while there is room, and lines them up when there is not.
        case automatic = "auto"
        /// Lines everybody up and admits nobody; says so. Sessions inside go on.
        case paused = "pause"
        /// Lines everybody up and admits nobody, as before a start. Sessions inside go on.
        case queueAll = "queue-all"
        /// Takes no newcomers; those in line keep their places and go on.
        case draining = "drain"
        /// Lets everybody through without a session.
        case open = "pass"
        /// Turns away everybody who is not inside.
        case rejecting = "reject"
        /// Turns away everybody, also those inside; places are kept.
        case maintenance

        /// Whether anybody new is admitted.
        var isAdmitting: Bool { self == .automatic || self == .draining }
    }

    /// What to do while the queue's store cannot be reached. Sessions that exist go on in every case.
    enum StoreLoss: Hashable, Sendable {
        /// Admit nobody new, keep every place. The only choice that can never exceed the capacity.
        case hold
        /// Let everybody through.
        case open
        /// Turn newcomers away.
        case closed
    }

    /// The room's name, in tickets, fields and paths: 1 to 32 of `a-z`, `0-9`, `-`, `_`.
    var name: String
    /// People inside at one time, at least 1.
    var capacity = 500
    /// New admissions per second; fractions down to one in 1,000 seconds.
    var ratePerSecond = 50.0
    /// Admissions that may come at once after a quiet time, at least 1.
    var burst = 10
    /// A session ends this long after its last request.
    var sessionSeconds = 600
    /// How long a node may trust a session without asking the store; passes are signed again each quarter of it.
    var leaseSeconds = 60
    /// How long a place stays good for somebody whose turn came while away.
    var graceSeconds = 600
    /// Places in line; beyond them newcomers are told that the room is full.
    var queueLimit = 1_000_000
    /// New places that one client may take in so many seconds; nil for as many as it asks for.
    var placesPerClient: RateLimit?
    /// Of those let in while others wait, at most so many in a hundred from one IPv4 address or IPv6 /64.
    var clientPercent: Int?
    /// The same for one TLS fingerprint.
    var fingerprintPercent: Int?
    /// The work that is asked of those who wait; nil for none.
    var proof: ProofOfWork.Settings?
    /// Where somebody goes who has a place and was nowhere yet.
    var entrance = "/"
    /// The status of a waiting answer on a protected path: 200, 202, 429 or 503.
    var status = 503
    var onStoreLoss = StoreLoss.hold
    var mode = Mode.automatic
    /// When it opens and closes; nil if it is always open.
    var schedule: RoomSchedule?
    /// Whether those who come before the opening are put in a random order.
    var isRandom = false
    /// Codes that let their holders go first, with how many may.
    var codes: [String: Int] = [:]
    /// The words and the style of the page.
    var pages = WaitingPages.builtIn
    /// Capacity that follows the backend's latency; nil to leave it alone.
    var latencyTarget: LatencyTarget?

    /// Fewer people inside while the backend is slow.
    struct LatencyTarget: Hashable, Sendable {
        /// The time in which nine of ten answers should come.
        var milliseconds: Int
        /// Never fewer people inside than this.
        var leastCapacity: Int
    }

    /// Whether a part of the crowd may be held back for the sake of the others.
    var hasCaps: Bool { clientPercent != nil || fingerprintPercent != nil }

    /// Whether a room may bear this name: it becomes part of cookies, fields and store keys.
    static func isValidName(_ name: String) -> Bool {
        (1...32).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                case UInt8(ascii: "-"), UInt8(ascii: "_"): true
                default: false
                }
            }
    }
}
