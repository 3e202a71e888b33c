import HTTP
import Synchronization
import Transport

/// One room in front of protected paths: who may pass, who waits, and what those who wait are told.
///
/// Store away (fails closed): with `onStoreLoss` at `hold` or `closed` sessions known here go on and nobody new is
/// admitted; with `open` this gateway lets its part of the rate in, whatever the capacity is.
final class WaitingRoom: Sendable {
    /// What a room needs from the process around it.
    struct Environment: Sendable {
        /// Milliseconds since 1970.
        let now: @Sendable () -> Int64
        /// Suspends the request for so many milliseconds.
        let pause: @Sendable (Int64) async -> Void
        let randomBytes: @Sendable (Int) -> [UInt8]
        /// Whether the holder of these bytes may ask the store once more just now.
        var allows: @Sendable ([UInt8]) -> Bool = { _ in true }
        /// Counts one more place of whoever these bytes name, and says in how many seconds it may be taken;
        /// 0 if it was.
        var secondsUntilPlace: @Sendable ([UInt8], RateLimit) -> Int = { _, _ in 0 }
        /// Takes note of what an operator or a failure changed.
        var report: @Sendable (String, [String: String]) -> Void = { _, _ in }
    }

    /// What the configuration says; operators may have decided otherwise since.
    let settings: WaitingRoomSettings
    let store: any QueueStore
    let keys: RoomKeys
    let environment: Environment
    /// Whether it counts how many places a client takes.
    let countsPlaces: Bool
    private let plainCookies: WaitingRoomCookies
    private let secureCookies: WaitingRoomCookies
    let forecast: WaitForecast
    /// Whether the last tick failed. Written by ticks, read by polls, which do not ask the store themselves.
    private let isStoreAway = Atomic<Bool>(false)
    /// So many people may be let in at all gateways between two times that this one hears of it. Written by ticks.
    private let reachCount = Atomic<Int64>(0)
    /// Places held back, so that their polls need not ask the store. A lock taken by the polls of those whose turn has
    /// come, in rooms with caps.
    private let heldPlaces = Mutex(HeldPlaces())
    /// When it was last said that places are held back.
    private let heldReportedAt = Atomic<Int64>(0)
    /// When it was last said that another gateway has another opening.
    private let openingReportedAt = Atomic<Int64>(0)
    /// When an unknown command of the backend was last told.
    private let unknownReportedAt = Atomic<Int64>(0)
    let live: RoomLive
    /// The chain of admissions that visitors can check.
    let log: ReceiptLog
    private let loggedAt = Atomic<Int64>(0)
    let memory: RoomMemory
    /// Which of the rooms made of this memory it is.
    let generation: Int
    /// Whether this node has too much to do to let anybody in; those in line keep their places. Written by ticks.
    private let isBusy = Atomic<Bool>(false)
    let figures: RoomFigures
    let inventory: RoomInventory
    let latency: BackendLatency
    let density: PlaceDensity
    /// Whether the store knows of the margin. Written by ticks, read by requests.
    private let keepsMargin = Atomic<Bool>(false)
    /// What is used up of the rate at which people come in without the store. Taken by visits while that is away.
    let openBudget = Mutex(AdmissionBudget())
    /// The rules that the store was told last.
    private let told = Mutex<QueueRules?>(nil)

    /// - Parameter neighbours: the rooms on its hosts, in their order; its cookies and theirs share names.
    init(
        settings: WaitingRoomSettings,
        keys: RoomKeys,
        store: any QueueStore,
        environment: Environment,
        memory: RoomMemory = RoomMemory(),
        log: ReceiptLog? = nil,
        neighbours: RoomNeighbours = RoomNeighbours()
    ) {
        self.memory = memory
        generation = memory.nextGeneration()
        figures = memory.figures
        inventory = memory.inventory
        latency = memory.latency
        density = memory.density
        self.log = log ?? ReceiptLog(room: settings.name)
        self.settings = settings
        countsPlaces = settings.placesPerClient != nil
        self.keys = keys
        self.store = store
        self.environment = environment
        let name = settings.name
        plainCookies = WaitingRoomCookies(room: name, neighbours, isSecure: false)
        secureCookies = WaitingRoomCookies(room: name, neighbours, isSecure: true)
        forecast = WaitForecast(sessionSeconds: settings.sessionSeconds)
        live = RoomLive(settings)
    }

    /// What the room does with visitors just now.
    var mode: WaitingRoomSettings.Mode { live.mode }

    func cookies(isSecure: Bool) -> WaitingRoomCookies {
        isSecure ? secureCookies : plainCookies
    }

    /// Lets time pass; to be called every 50 ms from one place per process.
    ///
    /// - Parameters:
    ///   - isBusy: whether the process has too much to do to let anybody in just now.
    ///   - isEnding: whether the process ends.
    func tick(isBusy: Bool? = nil, isEnding: Bool? = nil) async {
        let now = environment.now()
        memory.enforce(generation)
        if let isBusy { self.isBusy.store(isBusy, ordering: .relaxed) }
        if let isEnding { memory.isEnding.store(isEnding, ordering: .relaxed) }
        do {
            try await follow(now)
            try await store.tick(now: now)
            if isStoreAway.exchange(false, ordering: .relaxed) {
                environment.report("the store of a room is back", ["room": settings.name])
            }
        } catch {
            forecast.interrupt(now: now)
            guard !isStoreAway.exchange(true, ordering: .relaxed) else { return }
            environment.report(
                "the store of a room is away",
                [
                    "room": settings.name, "policy": "\(settings.onStoreLoss)",
                    "reason": store.failure ?? "\(error)",
                ]
            )
            return
        }
        reportOpening(now)
        await giveUpWithdrawn(now: now)
        await chain(now)
        learn(now)
    }

    /// Learns from how the line moved since the last tick.
    private func learn(_ now: Int64) {
        let snapshot = store.snapshot()
        let isStopped = snapshot.holdUntil > now || !mode.isAdmitting || pauseReason(now) != nil
        let outcomes = forecast.learn(snapshot, isStopped: isStopped, now: now)
        for outcome in outcomes { figures.count(outcome) }
    }

    /// For how long a slot is kept beyond its session, for what is still on its way to the backend.
    private static let marginMilliseconds: Int64 = 100
    /// What is known of a line elsewhere is hardly ever older.
    private static let staleMilliseconds: Int64 = 350

    /// Takes over the admissions of all nodes, once a second.
    private func chain(_ now: Int64) async {
        guard now - loggedAt.load(ordering: .relaxed) >= 1_000,
            !memory.isChaining.exchange(true, ordering: .relaxed)
        else { return }
        defer { memory.isChaining.store(false, ordering: .relaxed) }
        loggedAt.store(now, ordering: .relaxed)
        do throws(QueueStoreError) {
            while true {
                let new = try await store.admissions(after: log.cursor, limit: 1_000, now: now)
                log.append(new)
                guard new.count == 1_000 else { break }
            }
            log.pass(now: now + store.clockOffset)
        } catch {
            // The store keeps them until it is there again.
            return
        }
    }

    /// Brings the rules up to what operators decided, what time it is, and how the backend does.
    private func follow(_ now: Int64) async throws(QueueStoreError) {
        let settings = store.control.applied(to: settings)
        live.follow(settings)
        var rules = QueueRules(settings)
        rules.sessionMilliseconds += Self.marginMilliseconds
        let occurrence = settings.schedule?.occurrence(at: now + store.clockOffset)
        if let occurrence, settings.mode == .automatic {
            rules.opensMilliseconds = occurrence.phase == .over ? 0 : occurrence.opensAt
            rules.isAdmitting = occurrence.phase != .over
        }
        if settings.mode == .automatic {
            // Of a room that has become one without an opening, everybody at once.
            rules.drawsMilliseconds =
                settings.schedule.map { $0.draws(at: now + store.clockOffset) ?? 0 } ?? 1
        }
        // Where others share the room they go on letting people in; what this node alone decides is in `isShedding`.
        if isBusy.load(ordering: .relaxed), !store.isShared { rules.isAdmitting = false }
        if let target = settings.latencyTarget {
            rules.capacityHere = Int64(
                latency.capacity(Int(rules.capacity), target: target, now: now)
            )
        }
        let calls =
            rules.burst
            + rules.unitsPerMillisecond * Self.staleMilliseconds / QueueRules.admissionUnits
        reachCount.store(min(calls, rules.capacity), ordering: .relaxed)
        guard told.withLock({ $0 != rules }) else { return }
        try await store.configure(rules, now: now)
        told.withLock { $0 = rules }
        keepsMargin.store(true, ordering: .relaxed)
    }

    /// Decides about a request to a protected path.
    func admit(_ request: WaitingRequest) async -> WaitingDecision {
        guard mode != .open else { return .proxy(session: nil, setCookies: []) }
        if mode == .maintenance {
            let status = maintenance()
            status.message = message(status, in: request.language)
            return .answer(waiting(status, setCookies: [], request))
        }
        if let admission = request.admission {
            // Until the store knows the rules, a slot may be kept no longer than its session.
            let renewedAt = keepsMargin.load(ordering: .relaxed) ? environment.now() : 0
            if let standing = await resume(admission, request) {
                return .proxy(
                    session: standing.pass.session,
                    setCookies: standing.setCookies,
                    renewedAt: renewedAt
                )
            }
            figures.cheats.add(1, ordering: .relaxed)
        }
        switch await place(request, joins: true, client: nil) {
        case .inside(let pass, let setCookies):
            return .proxy(session: pass.session, setCookies: setCookies)
        case .outside(let status, let setCookies):
            status.message = message(status, in: request.language)
            return .answer(waiting(status, setCookies: setCookies, request))
        }
    }

    /// Counts a session from the answer to its request on, which the backend has had by then.
    ///
    /// An answer that came soon needs no look at the store: the session was renewed for its request, not before
    /// `renewedAt`, and its slot is kept for the margin beyond its end, half of which is more than the request was on
    /// its way. So the slot is taken, as it would be otherwise, for longer than the backend can think it is.
    ///
    /// - Parameter renewedAt: 0 where the request renewed nothing, such as that of a ticket whose turn was
    /// taken before.
    func noteAnswer(to session: SessionID, renewedAt: Int64) {
        let now = environment.now()
        // A clock that was put back says nothing.
        guard !(renewedAt...renewedAt + Self.marginMilliseconds / 2).contains(now) else { return }
        store.noteAnswer(to: session, now: now)
    }

    /// Ends a session because the backend says so (`Waiting-Room-Command`).
    ///
    /// Returns whether there is such a command; the visitor's cookie is gone then either way.
    func command(_ value: String, session: SessionID) async -> Bool {
        guard value.filter({ $0 != " " && $0 != "\t" }) == "revoke" else {
            noteUnknown(command: value)
            return false
        }
        // A store that is away forgets the session at its end.
        try? await store.leave(session, now: environment.now())
        return true
    }

    /// Says once a minute what the backend asks for in vain.
    private func noteUnknown(command: String) {
        guard isMinute(since: unknownReportedAt, environment.now()) else { return }
        environment.report(
            "the backend sends an unknown Waiting-Room-Command, which is ignored",
            ["room": settings.name, "command": String(command.prefix(64))]
        )
    }

    /// Says once a minute that another gateway has the room open at another time.
    private func reportOpening(_ now: Int64) {
        guard let other = store.foreignOpening, isMinute(since: openingReportedAt, now) else {
            return
        }
        let own = told.withLock { $0?.opensMilliseconds } ?? 0
        environment.report(
            "gateways do not agree on when a room opens, and the one that said it last decides:"
                + " read the configuration again on each",
            ["room": settings.name, "here": Self.time(own), "shared": Self.time(other)]
        )
    }

    /// A moment as people read it.
    private static func time(_ milliseconds: Int64) -> String {
        guard milliseconds > 0 else { return "always" }
        let text = OutputBuffer(limitBytes: 64)
        HTTPDate.append(Int(milliseconds / 1_000), to: text)
        return text.readable.string
    }

    /// Whether a minute has passed since that was said last, which it is now.
    private func isMinute(since moment: borrowing Atomic<Int64>, _ now: Int64) -> Bool {
        let last = moment.load(ordering: .relaxed)
        return now - last >= 60_000
            && moment.compareExchange(expected: last, desired: now, ordering: .relaxed).exchanged
    }

    /// Whether the store did not answer when it was asked last.
    var isAway: Bool { isStoreAway.load(ordering: .relaxed) }

    /// Why nobody is admitted just now; nil if that is not so.
    func pauseReason(_ now: Int64) -> WaitingStatus.Reason? {
        if mode == .paused { return .operatorPause }
        if isAway { return .storeAway }
        if isBusy.load(ordering: .relaxed) { return .busy }
        if let occurrence = occurrence(now), occurrence.phase == .prequeue { return .notOpenYet }
        return nil
    }

    /// Whether turns are not asked for here because this node has too much to do.
    var isShedding: Bool { store.isShared && isBusy.load(ordering: .relaxed) }

    /// The opening that counts now; nil for a room that is always open, or that an operator has taken over.
    func occurrence(_ now: Int64) -> RoomSchedule.Occurrence? {
        guard mode == .automatic, let schedule = settings.schedule else { return nil }
        return schedule.occurrence(at: now + store.clockOffset)
    }

    /// With so many people before, somebody's turn may have come without this gateway's having heard.
    var reach: Int64 { reachCount.load(ordering: .relaxed) }

    /// How many places of the line are called up or passed over in 1,000 s; nil while unknown.
    var placesPerThousandSeconds: Int64? {
        let rate = forecast.turnsPerThousandSeconds
        guard rate > 0 else { return nil }
        let snapshot = store.snapshot()
        let people = snapshot.profile.present(after: snapshot.serving, before: snapshot.tail + 1)
        guard people > 0, snapshot.waitingCount > people else { return rate }
        return Int64(Double(rate) * Double(snapshot.waitingCount) / Double(people))
    }

    /// Admissions until the turn of a place that is held back comes; nil if that is not known here.
    func admissionsLeft(_ position: Int64, _ snapshot: QueueSnapshot, now: Int64) -> Int64? {
        guard settings.hasCaps else { return nil }
        return heldPlaces.withLock { $0.admissionsLeft(position, snapshot, now: now) }
    }

    /// Notes that a place is held back, and says once a minute that some are.
    func noteHeld(_ position: Int64, admissions: Int64, now: Int64) {
        let snapshot = store.snapshot()
        let askAt = now + max(Int64(settings.graceSeconds), 1) * 300
        heldPlaces.withLock {
            $0.note(position, admissions: admissions, snapshot, askAt: askAt, now: now)
        }
        guard isMinute(since: heldReportedAt, now) else { return }
        environment.report(
            "places are held back because many came in from the same network or with the same fingerprint",
            [
                "room": settings.name, "held": "\(snapshot.heldCount)",
                "held_back": "\(snapshot.figures.heldBack)",
            ]
        )
    }

    private func waiting(
        _ status: WaitingStatus,
        setCookies: [String],
        _ request: WaitingRequest
    ) -> WaitingAnswer {
        figures.count(status.state)
        let code = status.state == .challenge ? 403 : settings.status
        var fields: [(name: String, value: String)] = []
        if let poll = status.pollSeconds { fields.append(("Retry-After", "\(poll)")) }
        fields.append(("Cache-Control", "no-store"))
        fields.append(("Waiting-Room", status.field))
        fields += setCookies.map { ("Set-Cookie", $0) }
        fields.append(("Vary", "Accept, Cookie"))
        if request.prefersJSON {
            fields.append(("Content-Type", "application/json"))
            return WaitingAnswer(status: code, fields: fields, body: status.json)
        }
        fields += pageFields(request)
        let page = WaitingPage.render(status, in: request.language, style: settings.pages.style)
        return WaitingAnswer(status: code, fields: fields, body: Array(page.utf8))
    }

    /// The fields of every page of the room.
    func pageFields(_ request: WaitingRequest) -> [(name: String, value: String)] {
        [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Language", request.language.code),
            ("Content-Security-Policy", Self.contentSecurityPolicy),
            ("X-Content-Type-Options", "nosniff"),
        ]
    }

    private static let contentSecurityPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:"
        + "; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
}
