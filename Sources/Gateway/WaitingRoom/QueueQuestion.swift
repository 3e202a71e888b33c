import Transport

/// What a queue kept in process can be asked in one step: also by the process that had it before, as a line of text.
///
/// The answers are numbers, as many as the case says; none where the answer is no.
enum QueueQuestion: Hashable, Sendable {
    /// What the queue knows: the numbers of `QueueSnapshot`, then how many decisions there were. Programs of before ask
    /// for fewer numbers.
    case state(hasKeys: Bool)
    /// A request of a session: until when it goes on.
    case touch(SessionID)
    case mark(Int64, aliveUntil: Int64)
    /// The next number: epoch and number.
    case join(aliveUntil: Int64)
    /// Name, time, count and keys of the registration, this visitor included.
    case register(opensAt: Int64, key: Int64)
    /// A place given out while the queue was on its way: 1 once it stands behind those that were given out before it.
    case provision(ProvisionalPlace)
    /// The number of such a place: epoch and number.
    case place(ProvisionalPlace)
    /// What became of a claim: its case, then its time.
    case claim(QueueTurn)
    /// 1 if somebody was called up before the line.
    case invite(Int64, moves: Int64, Invitation)
    /// 1 if a place is kept ready for another device.
    case offer(QueueOffer, code: String)
    /// The place of a code: epoch, number, 1 if it was called up before the line, how often it was moved.
    case redeem(String)
    /// Until when a session goes on.
    case renew(SessionID, adopts: Bool)
    case leave(SessionID)
    case giveUp(Int64, moves: Int64)
    /// One of the registration of that name in that epoch left before the draw.
    case withdraw(Int64, of: Int64, epoch: Int64)
    case decide(String)

    /// The line, without its end.
    var text: String {
        switch self {
        case .state(let hasKeys): hasKeys ? "state keys" : "state"
        case .touch(let session): "touch \(session.text)"
        case .mark(let position, let aliveUntil): "mark \(position) \(aliveUntil)"
        case .join(let aliveUntil): "join \(aliveUntil)"
        case .register(let opensAt, let key): "register \(opensAt) \(key)"
        case .provision(let place):
            "provision \(place.milliseconds) \(place.node) \(place.sequence)"
        case .place(let place): "place \(place.milliseconds) \(place.node) \(place.sequence)"
        case .claim(let turn):
            "claim \(turn.place.epoch) \(turn.place.position) \(turn.aliveUntil) \(turn.moves)"
                + (turn.origin.isEmpty
                    ? "" : " \(turn.origin.client) \(turn.origin.fingerprint)")
                + " \(turn.session.text)"
        case .offer(let offer, let code):
            "offer \(offer.place.epoch) \(offer.place.position) \(offer.isInvited ? 1 : 0)"
                + " \(offer.moves) \(code)"
        case .redeem(let code): "redeem \(code)"
        case .invite(let position, let moves, let invitation):
            "invite \(position) \(invitation.uses) \(moves)"
                + " \(Base64URL.encode(Array(invitation.name.utf8)))"
        case .renew(let session, let adopts): "renew \(adopts ? 1 : 0) \(session.text)"
        case .leave(let session): "leave \(session.text)"
        case .giveUp(let position, let moves): "give-up \(position) \(moves)"
        case .withdraw(let index, let name, let epoch): "withdraw \(index) \(name) \(epoch)"
        case .decide(let control): "decide \(control)"
        }
    }

    /// Nil if the line asks nothing that this program knows.
    init?(text: Substring) {
        let words = text.split(separator: " ")
        let numbers = words.dropFirst().compactMap { Int64($0).map(QueueNumber.clamp) }
        let session = words.last.flatMap { SessionID(text: Array($0.utf8)) }
        switch (words.first, numbers.count) {
        case ("state", 0): self = .state(hasKeys: words.count == 2)
        case ("mark", 2): self = .mark(numbers[0], aliveUntil: numbers[1])
        case ("join", 1): self = .join(aliveUntil: numbers[0])
        case ("register", 1): self = .register(opensAt: numbers[0], key: 0)
        case ("register", 2): self = .register(opensAt: numbers[0], key: numbers[1])
        case ("provision", 3): self = .provision(Self.place(numbers))
        case ("place", 3): self = .place(Self.place(numbers))
        case ("give-up", 2): self = .giveUp(numbers[0], moves: numbers[1])
        case ("withdraw", 3):
            self = .withdraw(numbers[0], of: numbers[1], epoch: numbers[2])
        case ("redeem", _) where words.count == 2: self = .redeem(String(words[1]))
        case ("offer", 4...) where words.count == 6:
            let place = QueuePlace(epoch: numbers[0], position: numbers[1])
            let offer = QueueOffer(place: place, isInvited: numbers[2] == 1, moves: numbers[3])
            self = .offer(offer, code: String(words[5]))
        case ("decide", _): self = .decide(words.dropFirst().joined(separator: " "))
        case ("invite", 3...):
            guard words.count == 5, let name = Base64URL.decode(Array(words[4].utf8)) else {
                return nil
            }
            let invitation = Invitation(
                name: String(decoding: name, as: UTF8.self),
                uses: Int(clamping: numbers[1])
            )
            self = .invite(numbers[0], moves: numbers[2], invitation)
        default:
            guard let session else { return nil }
            self.init(words, numbers, session)
        }
    }

    /// Questions that end with a session, whose text may happen to be a number.
    private init?(_ words: [Substring], _ numbers: [Int64], _ session: SessionID) {
        switch (words[0], words.count) {
        case ("touch", 2): self = .touch(session)
        case ("leave", 2): self = .leave(session)
        case ("renew", 3): self = .renew(session, adopts: words[1] == "1")
        case ("claim", 6) where numbers.count >= 4, ("claim", 8) where numbers.count >= 6:
            var turn = QueueTurn(
                place: QueuePlace(epoch: numbers[0], position: numbers[1]),
                session: session,
                aliveUntil: numbers[2],
                moves: numbers[3]
            )
            if words.count == 8 {
                turn.origin = CrowdOrigin(client: numbers[4], fingerprint: numbers[5])
            }
            guard (0..<CrowdOrigin.limit).contains(turn.origin.client),
                (0..<CrowdOrigin.limit).contains(turn.origin.fingerprint)
            else { return nil }
            self = .claim(turn)
        default: return nil
        }
    }

    private static func place(_ numbers: [Int64]) -> ProvisionalPlace {
        ProvisionalPlace(milliseconds: numbers[0], node: numbers[1], sequence: numbers[2])
    }
}

extension QueueClaim {
    /// The claim as numbers.
    var numbers: [Int64] {
        switch self {
        case .waiting: [0]
        case .admitted(let until): [1, until]
        case .later(let milliseconds): [2, milliseconds]
        case .spent: [3]
        case .held(let admissions): [4, admissions]
        }
    }

    init?(_ numbers: [Int64]) {
        switch (numbers.first, numbers.count) {
        case (0, 1): self = .waiting
        case (1, 2): self = .admitted(untilMilliseconds: numbers[1])
        case (2, 2): self = .later(milliseconds: numbers[1])
        case (3, 1): self = .spent
        case (4, 2): self = .held(admissions: numbers[1])
        default: return nil
        }
    }
}

extension QueueSnapshot {
    /// The snapshot as numbers, for another process: of those that were given to nobody only the newest.
    var numbers: [Int64] {
        let newest = unused.stretches.last
        return [
            epoch, baseEpoch, serving, tail, activeCount, reservedCount, capacity,
            newest?.after ?? 0,
            newest?.through ?? 0, registration.name, registration.opensAt, registration.count,
            draw.name,
            draw.after, draw.count, figures.admissions, figures.noShows, figures.passedOver,
            holdUntil, registration.key, draw.key,
        ]
    }

    /// How many of them programs of before know.
    static let olderCount = 19

    init?(_ numbers: ArraySlice<Int64>) {
        let n = numbers.map(QueueNumber.clamp)
        guard n.count == Self.olderCount || n.count == Self.olderCount + 2 else { return nil }
        self.init()
        (epoch, baseEpoch, serving, tail) = (n[0], n[1], n[2], n[3])
        (activeCount, reservedCount, capacity) = (n[4], n[5], n[6])
        unused.add(after: n[7], through: n[8])
        registration = QueueRegistration(name: n[9], opensAt: n[10], count: n[11])
        draw = QueueDraw(name: n[12], after: n[13], count: n[14])
        if n.count > Self.olderCount {
            registration.key = n[Self.olderCount]
            draw.key = n[Self.olderCount + 1]
        } else {
            registration.opensAt = registration.name
        }
        figures = QueueFigures(admissions: n[15], noShows: n[16], passedOver: n[17])
        holdUntil = n[18]
    }
}
