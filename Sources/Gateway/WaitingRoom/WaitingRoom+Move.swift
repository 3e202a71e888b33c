import Synchronization
import Transport

/// `/.wr/move`: a place goes to another device, and the old one has it no more.
///
/// The old device asks for a code with a POST; the new one names it in the query, typed or scanned, which shows a page
/// that takes the place with a POST: following a link changes nothing. A code is good once and for five minutes, and
/// stands for nothing but the place.
extension WaitingRoom {
    func move(_ request: WaitingRequest, code: String?) async -> WaitingAnswer {
        // Whoever guesses gets as far as somebody who types, and no further.
        guard environment.allows(Array("move".utf8) + request.identity) else {
            return .refusal(
                status: 429,
                "Too many codes. Please try again in a minute.",
                fields: [("Retry-After", "60")]
            )
        }
        do throws(QueueStoreError) {
            guard let code else { return try await offer(request) }
            return try await redeem(code, request)
        } catch {
            return .refusal(status: 503, "The queue is away.", fields: [("Retry-After", "5")])
        }
    }

    private func offer(_ request: WaitingRequest) async throws(QueueStoreError) -> WaitingAnswer {
        guard let ticket = ticket(of: request) else { return refusal(.noTicket, request) }
        guard ticket.isNumbered else {
            return refusal(ticket.isProvisional ? .storeAway : .notOpenYet, request)
        }
        let offer = QueueOffer(
            place: QueuePlace(epoch: ticket.epoch, position: ticket.position),
            isInvited: ticket.kind == .invited,
            moves: ticket.moves
        )
        let code = Self.code(environment.randomBytes(Self.codeLength))
        guard try await store.offer(offer, code: code, now: environment.now()) else {
            return refusal(.ticketSpent, request)
        }
        return movePage(.show(code: code), request)
    }

    private func redeem(_ text: String, _ request: WaitingRequest)
        async throws(QueueStoreError) -> WaitingAnswer
    {
        let now = environment.now()
        guard let code = Self.typed(text),
            let offer = try await store.redeem(code, now: now)
        else { return refusal(.wrongCode, request) }
        figures.moves.add(1, ordering: .relaxed)
        let moved = Ticket(
            epoch: offer.place.epoch,
            position: offer.place.position,
            kind: offer.isInvited ? .invited : .numbered,
            id: newID(),
            issuedSeconds: signingSeconds(now),
            moves: offer.moves,
            bits: workBits(request, now: now),
            keys: keys
        )
        store.mark(moved.position, aliveUntil: now + 14_000)
        let fields: [(name: String, value: String)] =
            [
                ("Cache-Control", "no-store")
            ] + cookies(keeping: moved, request).map { ("Set-Cookie", $0) }
        guard !request.prefersJSON else {
            let status = queued(moved, now: now)
            status.message = message(status, in: request.language)
            return WaitingAnswer(
                status: 200,
                fields: [("Content-Type", "application/json")] + fields
                    + [("Waiting-Room", status.field)],
                body: status.json
            )
        }
        return WaitingAnswer(status: 303, fields: fields + [("Location", settings.entrance)])
    }

    /// Without the letters and digits that are taken for one another: 40 bits.
    private static let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZ23456789".utf8)
    private static let codeLength = 8

    private static func code(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.map { alphabet[Int($0) % alphabet.count] }, as: UTF8.self)
    }

    /// What somebody typed as it was shown; nil if it cannot be a code.
    private static func typed(_ text: String) -> String? {
        let code = text.uppercased().utf8.filter { alphabet.contains($0) }
        guard code.count == codeLength, text.utf8.count <= 4 * codeLength else { return nil }
        return String(decoding: code, as: UTF8.self)
    }

    /// The page where a code is shown or typed, or where the place of a code that was typed is taken.
    func movePage(_ request: WaitingRequest, code: String?) -> WaitingAnswer {
        guard let code else {
            let hasPlace = ticket(of: request)?.isNumbered == true
            return movePage(.ask(hasPlace: hasPlace, problem: nil), request)
        }
        guard let code = Self.typed(code) else { return refusal(.wrongCode, request) }
        return movePage(.confirm(code: code), request)
    }

    /// Why a place is not moved.
    private func refusal(_ reason: WaitingStatus.Reason, _ request: WaitingRequest) -> WaitingAnswer {
        let word: WaitingLanguage.Word =
            switch reason {
            case .wrongCode: .moveWrong
            case .notOpenYet: .earlyText
            case .storeAway: .pausedText
            default: .expiredText
            }
        let hasPlace = reason == .wrongCode && ticket(of: request)?.isNumbered == true
        let page = WaitingPage.Move.ask(hasPlace: hasPlace, problem: word)
        return movePage(page, request, status: 404, reason: reason)
    }

    /// A page for people, JSON for programs.
    private func movePage(
        _ move: WaitingPage.Move,
        _ request: WaitingRequest,
        status: Int = 200,
        reason: WaitingStatus.Reason? = nil
    ) -> WaitingAnswer {
        var fields: [(name: String, value: String)] = [
            ("Cache-Control", "no-store"), ("Vary", "Accept, Cookie"),
        ]
        guard !request.prefersJSON else {
            fields.append(("Content-Type", "application/json"))
            var text = "null"
            if case .show(let code) = move { text = "\"\(code)\"" }
            let seconds = QueueOffer.milliseconds / 1_000
            let why = reason.map { JSONValue.quoted($0.rawValue) } ?? "null"
            let body =
                "{\"room\":\"\(settings.name)\",\"code\":\(text),\"seconds\":\(seconds)"
                + ",\"reason\":\(why)}"
            return WaitingAnswer(status: status, fields: fields, body: Array(body.utf8))
        }
        fields += pageFields(request)
        let page = WaitingPage.move(
            move,
            room: settings.name,
            in: request.language,
            style: settings.pages.style
        )
        return WaitingAnswer(status: status, fields: fields, body: Array(page.utf8))
    }
}
