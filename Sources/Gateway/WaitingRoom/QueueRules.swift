/// The numbers a queue works with: whole milliseconds and whole units, the same in process and in Redis.
struct QueueRules: Hashable, Sendable {
    /// One admission in the units of `AdmissionBudget`.
    static let admissionUnits: Int64 = 1_000_000

    var capacity: Int64
    /// How many of these this gateway's view of the backend allows; nil if it has none.
    var capacityHere: Int64?
    /// Budget units that come back per millisecond: admissions per 1,000 seconds.
    var unitsPerMillisecond: Int64
    var burst: Int64
    var sessionMilliseconds: Int64
    var graceMilliseconds: Int64
    var queueLimit: Int64
    /// Whether anybody new is admitted.
    var isAdmitting: Bool
    /// Nobody is admitted before this moment, milliseconds since 1970.
    var opensMilliseconds: Int64 = 0
    /// When the order of those who are registered is drawn, milliseconds since 1970; 0 leaves that as it is.
    var drawsMilliseconds: Int64 = 0
    /// How long a session may go on where nobody can be asked, and how long its slot is kept for it.
    var leaseMilliseconds: Int64
    /// After so long without any gateway's call, each has to tell what it remembers.
    var outageMilliseconds: Int64 = 1_500
    /// A slot that was left is free after this long, when every node has heard of it.
    var departureMilliseconds: Int64 = 1_000
    /// A reserved turn is held at least this long.
    var reservationMilliseconds: Int64 = 2_000
    /// A claim may be repeated this long and gets the same session.
    var retryMilliseconds: Int64 = 30_000
    /// Silent places passed over in one step, so that a step has a bounded cost.
    var passLimit: Int64 = 2_000
    /// While others wait, admissions from one of a client to its next, in thousandths; 0 for no cap.
    var clientInterval: Int64 = 0
    /// The same for a TLS fingerprint.
    var fingerprintInterval: Int64 = 0

    var hasCaps: Bool { clientInterval > 0 || fingerprintInterval > 0 }

    init(_ settings: WaitingRoomSettings) {
        capacity = Int64(min(max(settings.capacity, 1), 10_000_000))
        let rate = settings.ratePerSecond.isFinite ? settings.ratePerSecond : 0
        unitsPerMillisecond = Int64(min(max(rate, 0.001), 1_000_000) * 1_000)
        burst = Int64(min(max(settings.burst, 1), 1_000_000))
        sessionMilliseconds = Int64(min(max(settings.sessionSeconds, 1), 86_400)) * 1_000
        graceMilliseconds = Int64(min(max(settings.graceSeconds, 1), 86_400)) * 1_000
        queueLimit = Int64(min(max(settings.queueLimit, 1), 10_000_000))
        isAdmitting = settings.mode.isAdmitting
        clientInterval = Self.interval(settings.clientPercent)
        fingerprintInterval = Self.interval(settings.fingerprintPercent)
        leaseMilliseconds =
            Int64(min(max(settings.leaseSeconds, 1), max(settings.sessionSeconds, 1), 600)) * 1_000
    }

    private static func interval(_ percent: Int?) -> Int64 {
        percent.map { 100 * CrowdCaps.admission / Int64(min(max($0, 1), 100)) } ?? 0
    }
}
