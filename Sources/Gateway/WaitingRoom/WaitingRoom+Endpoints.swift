import Synchronization
import Transport

/// The paths under `/.wr/`, answered here alone.
extension WaitingRoom {
    /// `GET /.wr/status`.
    ///
    /// - Parameters:
    ///   - shown: a ticket that counts in place of the request's.
    ///   - client: who may be kept waiting for a turn that is near.
    @inline(__always)
    func status(
        _ request: WaitingRequest,
        _ shown: Ticket? = nil,
        client: ParkedClient = .patient
    ) async -> WaitingReport {
        figures.polls.add(1, ordering: .relaxed)
        if mode == .open { return WaitingReport(status: unplaced(.open)) }
        if mode == .maintenance {
            let status = maintenance()
            status.message = message(status, in: request.language)
            return WaitingReport(status: status)
        }
        if let admission = request.admission, let standing = await resume(admission, request) {
            return WaitingReport(status: inside(standing.pass), setCookies: standing.setCookies)
        }
        switch await place(request, shown, joins: false, client: client) {
        case .inside(let pass, let setCookies):
            return WaitingReport(status: inside(pass), setCookies: setCookies)
        case .outside(let status, let setCookies):
            status.message = message(status, in: request.language)
            return WaitingReport(status: status, setCookies: setCookies)
        }
    }

    /// `POST /.wr/leave`: ends the session, with `place=1` the place in line as well; idempotent. A shared
    /// store that is away is told afterwards; another has to be told again.
    ///
    /// The caller has checked that the request comes from the same origin.
    func leave(_ request: WaitingRequest, givesUpPlace: Bool) async -> WaitingAnswer {
        let names = cookies(isSecure: request.isSecure)
        let cleared =
            names.admission.clear(request.cookies.admission)
            + names.place.clear(request.cookies.place)
        let now = environment.now()
        var setCookies: [String] = []
        var isTold = true
        if let session = session(of: request) {
            isTold = (try? await store.leave(session, now: now)) != nil
            setCookies = cleared
        }
        if givesUpPlace, let ticket = ticket(of: request) {
            isTold = (try? await giveUp(ticket, now: now)) != nil && isTold
            setCookies = cleared
        }
        guard isTold || store.isShared else {
            return .refusal(status: 503, "The queue is away.", fields: [("Retry-After", "5")])
        }
        let fields = [(name: "Cache-Control", value: "no-store")]
        return WaitingAnswer(status: 204, fields: fields + setCookies.map { ("Set-Cookie", $0) })
    }

    /// `GET /.wr/pulse/<room>`: the same bytes for everybody, for pages that compute their place themselves.
    func pulse() -> WaitingAnswer {
        let snapshot = store.snapshot()
        let clock = environment.now()
        let occurrence = occurrence(clock)
        let state = stateNow(clock)
        // Whole seconds, so that the bytes change no oftener than they may be cached.
        let now = (clock + store.clockOffset) / 1_000 * 1_000
        let rate = placesPerThousandSeconds.map { "\($0)" } ?? "null"
        var body = "{\"room\":\"\(settings.name)\",\"state\":\"\(state.rawValue)\""
        body += ",\"epoch\":\(snapshot.epoch),\"serving\":\(snapshot.serving)"
        body +=
            ",\"tail\":\(snapshot.tail)\(Self.unused(snapshot)),\"places_per_1000s\":\(rate),\"now\":\(now)"
        body += drawMembers(snapshot.draw, next: occurrence) + "}"
        let fields = [("Content-Type", "application/json"), ("Cache-Control", "max-age=1")]
        return WaitingAnswer(
            status: 200,
            fields: fields.map { (name: $0.0, value: $0.1) },
            body: Array(body.utf8)
        )
    }

    /// Numbers that were given to nobody, as pairs: after the first and up to the second.
    private static func unused(_ snapshot: QueueSnapshot) -> String {
        let pairs = snapshot.unused.after(snapshot.serving).stretches
        guard !pairs.isEmpty else { return "" }
        let texts = pairs.map { "[\($0.after),\($0.through)]" }
        return ",\"unused\":[\(texts.joined(separator: ","))]"
    }

    /// The commitment to the next draw, and the seed of the last one, from which anybody can compute its order.
    private func drawMembers(
        _ draw: QueueDraw,
        next: RoomSchedule.Occurrence?
    ) -> String {
        var members = ""
        if settings.isRandom, let next, next.phase == .prequeue {
            let digest = seedDigest(opensAt: next.opensAt)
            members += ",\"opens_at\":\(next.opensAt),\"seed_sha256\":\"\(digest)\""
        }
        // A seed is told only when it can decide nothing any more.
        if draw.name > 0 {
            let seed = Hexadecimal.encode(keys.seed(of: draw.name, key: draw.key))
            members += ",\"draw\":{\"opened_at\":\(draw.name),\"after\":\(draw.after)"
            members += ",\"count\":\(draw.count),\"seed\":\"\(seed)\"}"
        }
        return members
    }

    /// The page's own files; nil if there is none of that name.
    static func asset(named name: String, also style: WaitingPageAssets.Asset? = nil)
        -> WaitingAnswer?
    {
        let own = style.flatMap { $0.name == name ? $0 : nil }
        guard let asset = WaitingPageAssets.named(name) ?? own else { return nil }
        return WaitingAnswer(
            status: 200,
            fields: [
                ("Content-Type", asset.contentType),
                ("Cache-Control", "public, max-age=31536000, immutable"),
                ("X-Content-Type-Options", "nosniff"),
            ],
            body: asset.body
        )
    }
}
