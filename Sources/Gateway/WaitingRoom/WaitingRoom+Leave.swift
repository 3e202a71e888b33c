import Transport

/// Places that are given up.
extension WaitingRoom {
    /// Gives up a place in line, or in a draw to come.
    func giveUp(_ ticket: Ticket, now: Int64) async throws(QueueStoreError) {
        if let place = numbered(ticket) {
            guard store.snapshot().covers(epoch: place.epoch) else { return }
            try await store.giveUp(place.position, moves: place.moves, now: now)
        } else if case .registration(let index, let name) = ticket.kind {
            try await store.withdraw(index, of: name, epoch: ticket.epoch, now: now)
        }
    }

    /// Gives up the numbers that were drawn for those who had left by then: everybody's is drawn, so that the order can
    /// be checked by who registered.
    func giveUpWithdrawn(now: Int64) async {
        let known = store.snapshot()
        let draw = known.draw
        // By other keys these would be the numbers of others: a gateway that has the draw's gives them up.
        guard keys.hasSeed(of: draw.key) else { return }
        let indexes = (try? await store.withdrawn(from: draw, now: now)) ?? []
        guard !indexes.isEmpty, let raffle = raffle(draw) else { return }
        for index in indexes {
            guard let place = raffle.place(of: index - 1) else { continue }
            let present = store.snapshot()
            guard present.draw == draw, present.baseEpoch == known.baseEpoch else { return }
            // A store that is away is told afterwards.
            try? await store.giveUp(draw.after + 1 + place, moves: 0, now: now)
        }
    }

    /// The order of a draw; nil if there was none.
    func raffle(_ draw: QueueDraw) -> Raffle? {
        guard draw.count > 0 else { return nil }
        let seed = keys.seed(of: draw.name, key: draw.key)
        return Raffle(seed: seed, name: draw.name, count: draw.count)
    }
}

/// `/.wr/leave?page=1`: the same as without, for people, whose browsers show what comes back.
extension WaitingRoom {
    /// Asks whether it is meant: following a link gives nothing up.
    func leavePage(_ request: WaitingRequest) -> WaitingAnswer {
        leavePage(request, isDone: false, setCookies: [])
    }

    /// Leaves, and says so.
    func leaveFromPage(_ request: WaitingRequest, givesUpPlace: Bool) async -> WaitingAnswer {
        let answer = await leave(request, givesUpPlace: givesUpPlace)
        guard answer.status == 204 else { return answer }
        return leavePage(
            request,
            isDone: true,
            setCookies: answer.fields.filter { $0.name == "Set-Cookie" }
        )
    }

    private func leavePage(
        _ request: WaitingRequest,
        isDone: Bool,
        setCookies: [(name: String, value: String)]
    ) -> WaitingAnswer {
        let page = WaitingPage.leave(
            room: settings.name,
            entrance: settings.entrance,
            isDone: isDone,
            in: request.language,
            style: settings.pages.style
        )
        let fields = [
            (name: "Cache-Control", value: "no-store"), (name: "Vary", value: "Accept, Cookie"),
        ]
        return WaitingAnswer(
            status: 200,
            fields: fields + setCookies + pageFields(request),
            body: Array(page.utf8)
        )
    }
}
