import Synchronization
import Transport

/// `/.wr/proof`: work that is done while waiting, or a question for those whose browser does none.
///
/// The place stands in line meanwhile. Whoever's turn comes first is told `challenge`, keeps the place as one who is
/// late does, and is the first to go in once the proof is there.
extension WaitingRoom {
    /// What is asked of the holder of a ticket; nil for nothing.
    func work(_ ticket: Ticket) -> ProofOfWork? {
        guard let proof = settings.proof, ticket.kind == .numbered, !ticket.isProven else {
            return nil
        }
        return ProofOfWork(puzzle: ticket.puzzle, bits: max(ticket.bits, proof.leastBits))
    }

    /// How much work the next place of this client costs.
    func workBits(_ request: WaitingRequest, now: Int64) -> Int {
        guard let proof = settings.proof else { return 0 }
        return proof.bits(places: density.add(request.client, now: now))
    }

    /// In line, or at the door, without a proof: nobody is asked for the turn, so that no slot waits for it.
    /// Nil for somebody who has one, or whose ticket is of a line that is over.
    func challenged(_ ticket: Ticket) -> WaitingStatus? {
        guard let work = work(ticket) else { return nil }
        let snapshot = store.snapshot()
        guard ticket.epoch >= snapshot.baseEpoch else { return nil }
        let status = queued(ticket, snapshot, now: environment.now())
        status.challenge = work
        guard status.state == .queued, ticket.position <= snapshot.serving else { return status }
        status.state = .challenge
        status.estimate = nil
        status.pollSeconds = 3
        return status
    }

    /// `POST /.wr/proof?nonce=NUMBER` with a solution.
    func proof(_ request: WaitingRequest, nonce: String) async -> WaitingReport {
        guard let ticket = numberedTicket(of: request) else { return await status(request) }
        guard let work = work(ticket) else { return await proven(ticket, request) }
        guard work.isSolved(by: nonce) else {
            figures.wrongProofs.add(1, ordering: .relaxed)
            var report = await status(request)
            report.code = 403
            return report
        }
        figures.proofs.add(1, ordering: .relaxed)
        return await proven(ticket, request)
    }

    /// `GET /.wr/proof`, with the form's fields: asks the question, or takes its answer.
    func question(_ request: WaitingRequest, token: String?, answer: String?) async -> WaitingAnswer {
        guard let ticket = numberedTicket(of: request), let work = work(ticket) else {
            return enter(setCookies: [])
        }
        let now = signingSeconds(environment.now())
        guard let token, let answer, let since = ProofOfWork.seconds(of: token, ticket, keys: keys)
        else {
            let token = ProofOfWork.token(of: ticket, keys: keys, nowSeconds: now)
            return questionPage(work, token, seconds: holdSeconds, isWrong: false, request)
        }
        let left = since + holdSeconds - now
        // Whoever guesses gets as far as somebody who types, and no further.
        guard left <= 0, environment.allows(Array("proof".utf8) + ticket.id.bytes),
            work.isAnswered(by: answer)
        else {
            if left <= 0 { figures.wrongProofs.add(1, ordering: .relaxed) }
            return questionPage(work, token, seconds: max(left, 0), isWrong: left <= 0, request)
        }
        figures.questions.add(1, ordering: .relaxed)
        return enter(setCookies: cookies(keeping: ticket.proven(keys), request))
    }

    private var holdSeconds: Int64 { Int64(settings.proof?.holdSeconds ?? 0) }

    /// The status of a ticket that is good for its turn now, which may have come.
    private func proven(_ ticket: Ticket, _ request: WaitingRequest) async -> WaitingReport {
        let proven = ticket.proven(keys)
        var report = await status(request, proven)
        report.setCookies += cookies(keeping: proven, request)
        return report
    }

    private func enter(setCookies: [String]) -> WaitingAnswer {
        let fields = [("Cache-Control", "no-store"), ("Location", settings.entrance)]
        return WaitingAnswer(
            status: 303,
            fields: fields.map { (name: $0.0, value: $0.1) }
                + setCookies.map { (name: "Set-Cookie", value: $0) }
        )
    }

    private func questionPage(
        _ work: ProofOfWork,
        _ token: String,
        seconds: Int64,
        isWrong: Bool,
        _ request: WaitingRequest
    ) -> WaitingAnswer {
        let question = WaitingPage.Question(
            numbers: work.question,
            token: token,
            seconds: seconds,
            isWrong: isWrong
        )
        let page = WaitingPage.question(
            question,
            room: settings.name,
            in: request.language,
            style: settings.pages.style
        )
        let fields: [(name: String, value: String)] = [
            ("Cache-Control", "no-store"), ("Vary", "Accept, Cookie"),
        ]
        return WaitingAnswer(
            status: isWrong ? 403 : 200,
            fields: fields + pageFields(request),
            body: Array(page.utf8)
        )
    }
}
