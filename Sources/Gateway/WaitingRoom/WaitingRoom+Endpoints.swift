/// The paths under `/.wr/`, answered here alone.
extension WaitingRoom {
    /// `GET /.wr/status`: always 200, since asking succeeded whatever the answer is.
    func status(_ request: WaitingRequest) async -> WaitingAnswer {
        if settings.mode == .open { return statusAnswer(unplaced(.open), setCookies: []) }
        if let bytes = request.admissionCookie, let standing = await resume(bytes, request) {
            return statusAnswer(inside(standing.pass), setCookies: standing.setCookies)
        }
        switch await place(request, joins: false, holds: true) {
        case .inside(let pass, let setCookies):
            return statusAnswer(inside(pass), setCookies: setCookies)
        case .outside(var status, let setCookies):
            status.message = message(status, in: request.language)
            return statusAnswer(status, setCookies: setCookies)
        }
    }

    /// `POST /.wr/leave`: ends the session, with `place=1` the place in line as well; idempotent.
    ///
    /// The caller has checked that the request comes from the same origin.
    func leave(_ request: WaitingRequest, givesUpPlace: Bool) async -> WaitingAnswer {
        let cookies = cookies(isSecure: request.isSecure)
        let now = environment.now()
        var setCookies: [String] = []
        do throws(QueueStoreError) {
            if let bytes = request.admissionCookie,
                let pass = Pass(bytes, room: settings.name, keys: keys, binding: request.binding)
            {
                try await store.leave(pass.session, now: now)
                setCookies = [cookies.clearAdmission, cookies.clearPlace]
            }
            if givesUpPlace, let ticket = ticket(of: request),
                ticket.epoch == store.snapshot().epoch
            {
                try await store.giveUp(ticket.position, now: now)
                setCookies = [cookies.clearAdmission, cookies.clearPlace]
            }
        } catch {
            return .refusal(status: 503, "The queue is away.", fields: [("Retry-After", "5")])
        }
        let fields = [(name: "Cache-Control", value: "no-store")]
        return WaitingAnswer(status: 204, fields: fields + setCookies.map { ("Set-Cookie", $0) })
    }

    /// `GET /.wr/pulse/<room>`: the same bytes for everybody, for pages that compute their place themselves.
    func pulse() -> WaitingAnswer {
        let snapshot = store.snapshot()
        let state =
            settings.mode == .paused ? "paused" : snapshot.waitingCount > 0 ? "queued" : "open"
        // Whole seconds, so that the bytes change no oftener than they may be cached.
        let now = environment.now() / 1_000 * 1_000
        let body =
            "{\"room\":\"\(settings.name)\",\"state\":\"\(state)\",\"epoch\":\(snapshot.epoch)"
            + ",\"serving\":\(snapshot.serving),\"tail\":\(snapshot.tail),\"now\":\(now)}"
        let fields = [("Content-Type", "application/json"), ("Cache-Control", "max-age=1")]
        return WaitingAnswer(
            status: 200,
            fields: fields.map { (name: $0.0, value: $0.1) },
            body: Array(body.utf8)
        )
    }

    /// The page's own files; nil if there is none of that name.
    static func asset(named name: String) -> WaitingAnswer? {
        guard let asset = WaitingPageAssets.named(name) else { return nil }
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

    private func message(_ status: WaitingStatus, in language: WaitingLanguage) -> String? {
        switch status.state {
        case .paused, .full: language.text(status.state)
        case .queued, .admitted, .expired, .open: nil
        }
    }

    private func statusAnswer(_ status: WaitingStatus, setCookies: [String]) -> WaitingAnswer {
        let fields =
            [
                ("Content-Type", "application/json"), ("Cache-Control", "no-store"),
                ("Waiting-Room", status.field),
            ]
            + setCookies.map { ("Set-Cookie", $0) }
        return WaitingAnswer(
            status: 200,
            fields: fields.map { (name: $0.0, value: $0.1) },
            body: Array(status.json.utf8)
        )
    }
}
