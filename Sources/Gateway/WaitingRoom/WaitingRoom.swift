import Synchronization
import Transport

/// One room in front of protected paths: who may pass, who waits, and what those who wait are told.
///
/// Store away (fails closed): with `onStoreLoss` at `hold` or `closed` sessions known here go on and nobody new is
/// admitted; with `open` everybody is let through.
final class WaitingRoom: Sendable {
    /// What a room needs from the process around it.
    struct Environment: Sendable {
        /// Milliseconds since 1970.
        let now: @Sendable () -> Int64
        /// Suspends the request for so many milliseconds.
        let pause: @Sendable (Int64) async -> Void
        let randomBytes: @Sendable (Int) -> [UInt8]
    }

    let settings: WaitingRoomSettings
    let store: any QueueStore
    let keys: RoomKeys
    let environment: Environment
    private let cookieSuffix: String?
    private let estimator: Mutex<WaitEstimator>
    /// The pace as last computed: places per 1,000 s and dispersion in thousandths; 0 while unknown. Written by ticks,
    /// read by every poll, so polls take no lock.
    private let paceRate = Atomic<Int64>(0)
    private let paceDispersion = Atomic<Int64>(0)
    /// Whether the last tick failed. Written by ticks, read by polls, which do not ask the store themselves.
    private let isStoreAway = Atomic<Bool>(false)
    /// Polls held open for a turn that is near.
    private let heldCount = Atomic<Int>(0)

    /// - Parameters:
    ///   - isOnlyRoomOfHost: whether the cookies need not name the room.
    init(
        settings: WaitingRoomSettings,
        keys: RoomKeys,
        store: any QueueStore,
        environment: Environment,
        isOnlyRoomOfHost: Bool = true
    ) {
        self.settings = settings
        self.keys = keys
        self.store = store
        self.environment = environment
        cookieSuffix = isOnlyRoomOfHost ? nil : settings.name
        estimator = Mutex(WaitEstimator(sessionSeconds: settings.sessionSeconds))
    }

    func cookies(isSecure: Bool) -> WaitingRoomCookies {
        WaitingRoomCookies(suffix: cookieSuffix, isSecure: isSecure)
    }

    /// Lets time pass; to be called every 100 ms from one place per process.
    func tick() async {
        let now = environment.now()
        do {
            try await store.tick(now: now)
            isStoreAway.store(false, ordering: .relaxed)
        } catch {
            isStoreAway.store(true, ordering: .relaxed)
            return
        }
        let snapshot = store.snapshot()
        let pace = estimator.withLock { estimator in
            estimator.record(
                serving: snapshot.serving,
                isWaiting: snapshot.waitingCount > 0,
                now: now
            )
            return estimator.pace
        }
        paceRate.store(pace.map { Int64($0.placesPerSecond * 1_000) } ?? 0, ordering: .relaxed)
        paceDispersion.store(pace.map { Int64($0.dispersion * 1_000) } ?? 0, ordering: .relaxed)
    }

    /// Decides about a request to a protected path.
    func admit(_ request: WaitingRequest) async -> WaitingDecision {
        guard settings.mode != .open else { return .proxy(session: nil, setCookies: []) }
        if let bytes = request.admissionCookie, let standing = await resume(bytes, request) {
            return .proxy(session: standing.pass.session, setCookies: standing.setCookies)
        }
        switch await place(request, joins: true, holds: false) {
        case .inside(let pass, let setCookies):
            return .proxy(session: pass.session, setCookies: setCookies)
        case .outside(let status, let setCookies):
            if status.reason == .storeAway, settings.onStoreLoss == .open {
                return .proxy(session: nil, setCookies: [])
            }
            return .answer(waiting(status, setCookies: setCookies, request))
        }
    }

    /// Ends a session because the backend says so (`Waiting-Room-Command`).
    ///
    /// Returns the `Set-Cookie` values for the answer, or nil if there is no such command.
    func command(_ value: String, session: SessionID, isSecure: Bool) async -> [String]? {
        guard value.filter({ $0 != " " && $0 != "\t" }) == "revoke" else { return nil }
        // A store that is away forgets the session at its end; the visitor's cookie is gone either way.
        try? await store.leave(session, now: environment.now())
        return [cookies(isSecure: isSecure).clearAdmission]
    }

    /// Why nobody is admitted just now; nil if that is not so.
    var pauseReason: WaitingStatus.Reason? {
        if settings.mode == .paused { return .operatorPause }
        return isStoreAway.load(ordering: .relaxed) ? .storeAway : nil
    }

    /// Holds a poll for a place that is nearly first, a moment at a time, so that its slot does not stand idle for the
    /// rest of a poll interval; false if there is no use or too many are held.
    func hold(_ ahead: Int64, heldMilliseconds: Int64) async -> Bool {
        let perSecond = max(paceRate.load(ordering: .relaxed) / 1_000, 0)
        guard ahead <= perSecond + 8, heldMilliseconds < 900 else { return false }
        guard heldCount.add(1, ordering: .relaxed).newValue <= 4 * (Int(clamping: perSecond) + 64)
        else {
            heldCount.subtract(1, ordering: .relaxed)
            return false
        }
        await environment.pause(100)
        heldCount.subtract(1, ordering: .relaxed)
        return true
    }

    /// The expected wait; nil while the line has not been seen moving.
    func estimate(ahead: Int64) -> WaitEstimator.Estimate? {
        let rate = paceRate.load(ordering: .relaxed)
        guard rate > 0 else { return nil }
        let dispersion = paceDispersion.load(ordering: .relaxed)
        return WaitEstimator.Pace(
            placesPerSecond: Double(rate) / 1_000,
            dispersion: Double(dispersion) / 1_000
        )
        .estimate(ahead: ahead)
    }

    private func waiting(
        _ status: WaitingStatus,
        setCookies: [String],
        _ request: WaitingRequest
    ) -> WaitingAnswer {
        var fields: [(name: String, value: String)] = []
        if let poll = status.pollSeconds { fields.append(("Retry-After", "\(poll)")) }
        fields.append(("Cache-Control", "no-store"))
        fields.append(("Waiting-Room", status.field))
        fields += setCookies.map { ("Set-Cookie", $0) }
        fields.append(("Vary", "Accept, Cookie"))
        if request.prefersJSON {
            fields.append(("Content-Type", "application/json"))
            return WaitingAnswer(
                status: settings.status,
                fields: fields,
                body: Array(status.json.utf8)
            )
        }
        fields.append(("Content-Type", "text/html; charset=utf-8"))
        fields.append(("Content-Security-Policy", Self.contentSecurityPolicy))
        let page = WaitingPage.render(status, in: request.language)
        return WaitingAnswer(status: settings.status, fields: fields, body: Array(page.utf8))
    }

    private static let contentSecurityPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'"
        + "; form-action 'none'; frame-ancestors 'self'"
}
