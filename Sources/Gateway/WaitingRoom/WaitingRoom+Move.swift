import Synchronization
import Transport

/// `/.wr/move`: a place goes to another device, and the old one has it no more.
///
/// The old device asks for a code with a POST; the new one names it in the query, typed or scanned. A code is good once
/// and for five minutes, and stands for nothing but the place.
extension WaitingRoom {
    /// What the page says about it.
    enum MoveNews: Sendable {
        case code
        case wrong
    }

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
        guard let ticket = ticket(of: request), ticket.isNumbered else {
            return movePage(request, news: .wrong, code: nil)
        }
        let offer = QueueOffer(
            place: QueuePlace(epoch: ticket.epoch, position: ticket.position),
            isInvited: ticket.kind == .invited,
            moves: ticket.moves
        )
        let code = Self.code(environment.randomBytes(Self.codeLength))
        guard try await store.offer(offer, code: code, now: environment.now()) else {
            return movePage(request, news: .wrong, code: nil)
        }
        return movePage(request, news: .code, code: code)
    }

    private func redeem(_ text: String, _ request: WaitingRequest)
        async throws(QueueStoreError) -> WaitingAnswer
    {
        let now = environment.now()
        guard let code = Self.typed(text),
            let offer = try await store.redeem(code, now: now)
        else {
            return movePage(request, news: .wrong, code: nil)
        }
        figures.moves.add(1, ordering: .relaxed)
        let moved = Ticket(
            epoch: offer.place.epoch,
            position: offer.place.position,
            kind: offer.isInvited ? .invited : .numbered,
            id: environment.randomBytes(12),
            issuedSeconds: now / 1_000,
            moves: offer.moves,
            keys: keys
        )
        store.mark(moved.position, aliveUntil: now + 14_000)
        let fields: [(name: String, value: String)] = [
            ("Cache-Control", "no-store"), ("Set-Cookie", cookie(moved, request)),
        ]
        guard !request.prefersJSON else {
            var status = queued(moved, now: now)
            status.message = message(status, in: request.language)
            return WaitingAnswer(
                status: 200,
                fields: [("Content-Type", "application/json")] + fields
                    + [("Waiting-Room", status.field)],
                body: Array(status.json.utf8)
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

    /// The page where a code is shown or typed; JSON for programs.
    func movePage(_ request: WaitingRequest, news: MoveNews?, code: String?) -> WaitingAnswer {
        let hasPlace = ticket(of: request)?.isNumbered == true
        let status = news == .wrong ? 404 : 200
        var fields: [(name: String, value: String)] = [
            ("Cache-Control", "no-store"), ("Vary", "Accept, Cookie"),
        ]
        guard !request.prefersJSON else {
            fields.append(("Content-Type", "application/json"))
            let text = code.map { "\"\($0)\"" } ?? "null"
            let seconds = QueueOffer.milliseconds / 1_000
            let body =
                "{\"room\":\"\(settings.name)\",\"code\":\(text),\"seconds\":\(seconds)}"
            return WaitingAnswer(status: status, fields: fields, body: Array(body.utf8))
        }
        fields += pageFields(request)
        let page = WaitingPage.move(
            room: settings.name,
            hasPlace: hasPlace,
            code: code,
            isWrong: news == .wrong,
            in: request.language,
            style: settings.pages.style
        )
        return WaitingAnswer(status: status, fields: fields, body: Array(page.utf8))
    }
}
