import HTTP
import Transport

/// A place in line as the visitor holds it: `v1.room.epoch.position.id.issued.flags.key.code`.
///
/// The same text for its whole life, so that a second tab, a reload or an old cookie cannot lose the place; only a
/// place without a number is exchanged once it has one. The code is HMAC-SHA-256 shortened to 128 bits (RFC 2104
/// section 5).
struct Ticket: Hashable, Sendable {
    /// What kind of place it is; the lower two bits of the flags.
    enum Kind: Hashable, Sendable {
        case numbered
        /// Given out while the store was away.
        case provisional(ProvisionalPlace)
        /// The how-manieth of the registration of that name, until the order is drawn.
        case registration(index: Int64, name: Int64)
        /// Numbered, and called up before the line.
        case invited

        var isRegistration: Bool { if case .registration = self { true } else { false } }
    }

    /// A day, and one from the opening on: nobody waits longer, and a found ticket should be worth nothing.
    static let lifetimeSeconds: Int64 = 86_400
    /// Rooms open days after people can come, so those who registered, or wait for an opening, may have older ones.
    private static let oldestSeconds: Int64 = 31 * 86_400

    /// More often than anybody moves a place.
    static let moveLimit: Int64 = 1_000

    let epoch: Int64
    /// The number in line; 0 while it has none.
    let position: Int64
    let kind: Kind
    /// What makes the ticket its holder's.
    let id: TicketID
    /// Seconds since 1970.
    let issuedSeconds: Int64
    /// How often the place was moved from one device to another: only the last one's ticket is good.
    let moves: Int64
    /// How much work was asked of its holder, in leading zero bits; 0 for the least, or where nothing is asked.
    let bits: Int
    /// Whether that was done.
    let isProven: Bool
    /// The keys it was signed with: they say which session it leads to, and what work is asked for it.
    private let keys: RoomKeys.Generation

    var isProvisional: Bool { if case .provisional = kind { true } else { false } }
    var isNumbered: Bool { kind == .numbered || kind == .invited }

    static func == (left: Ticket, right: Ticket) -> Bool {
        left.epoch == right.epoch && left.position == right.position && left.id == right.id
            && left.kind == right.kind
    }

    func hash(into hasher: inout Hasher) { hasher.combine(id) }

    /// A new ticket under the current keys.
    init(
        epoch: Int64,
        position: Int64,
        kind: Kind = .numbered,
        id: TicketID,
        issuedSeconds: Int64,
        moves: Int64 = 0,
        bits: Int = 0,
        keys: RoomKeys
    ) {
        self.moves = moves
        self.bits = bits
        isProven = false
        self.epoch = epoch
        self.position = position
        self.kind = kind
        self.id = id
        self.issuedSeconds = issuedSeconds
        self.keys = keys.current
    }

    /// The same visitor's ticket with a number of its own, as it reads when it is shown the next time: under the
    /// current keys.
    func numbered(_ place: QueuePlace, kind: Kind = .numbered, _ keys: RoomKeys) -> Ticket {
        Ticket(self, place: place, kind: kind, isProven: isProven, keys.current)
    }

    /// The ticket of somebody who registered, with the number that the draw gave and a day from then on.
    ///
    /// The keys are the draw's, so that it leads to the same session however often it is made of the registration.
    func drawn(_ place: QueuePlace, nowSeconds: Int64, _ keys: RoomKeys.Generation) -> Ticket {
        Ticket(
            self,
            place: place,
            kind: .numbered,
            isProven: isProven,
            issuedSeconds: nowSeconds,
            keys
        )
    }

    /// The same ticket once the work is done, likewise under the current keys.
    func proven(_ keys: RoomKeys) -> Ticket {
        let place = QueuePlace(epoch: epoch, position: position)
        return Ticket(self, place: place, kind: kind, isProven: true, keys.current)
    }

    private init(
        _ other: Ticket,
        place: QueuePlace,
        kind: Kind,
        isProven: Bool,
        issuedSeconds: Int64? = nil,
        _ keys: RoomKeys.Generation
    ) {
        bits = other.bits
        self.isProven = isProven
        epoch = place.epoch
        position = place.position
        self.kind = kind
        id = other.id
        self.issuedSeconds = issuedSeconds ?? other.issuedSeconds
        moves = other.moves
        self.keys = keys
    }

    /// Reads on in a token of any origin; nil unless this room signed exactly this and it is not too old.
    ///
    /// One from the future was signed before a clock was put back, or by a gateway that did not know the store's yet.
    ///
    /// - Parameter opensSeconds: the opening that counts now; before it no numbered ticket grows old.
    init?(_ token: TokenReader, keys: RoomKeys, nowSeconds: Int64, opensSeconds: Int64 = 0) {
        var reader = token
        guard let epoch = reader.number(), let position = reader.number(),
            let id = reader.octets().map({ TicketID($0) }),
            let issued = reader.number(), let flags = reader.number(),
            let generation = reader.field().flatMap({ keys.generation(named: $0) }),
            reader.verify(generation.ticket),
            let kind = Self.kind(flags: flags, epoch: epoch, position: position),
            issued - nowSeconds < Self.lifetimeSeconds, nowSeconds - issued < Self.oldestSeconds,
            kind.isRegistration || nowSeconds - max(issued, opensSeconds) < Self.lifetimeSeconds
        else { return nil }
        self.epoch = epoch
        self.position = kind == .numbered || kind == .invited ? position : 0
        self.kind = kind
        self.id = id
        issuedSeconds = issued
        let isNumbered = kind == .numbered || kind == .invited
        moves = isNumbered ? flags >> 2 & Self.movesMask : 0
        isProven = isNumbered && flags >> 12 & 1 == 1
        bits = isNumbered ? Int(flags >> 13) : 0
        self.keys = generation
    }

    /// The text to hand out, signed with its own keys: it reads back as the same ticket.
    func text(room: String) -> String {
        let (epoch, position, flags) = numbers
        let place = "\(epoch).\(position).\(Base64URL.encode(id.bytes))"
        let body = "v1.\(room).\(place).\(issuedSeconds).\(flags).\(keys.id)"
        return TokenReader.signed(body, keys.ticket)
    }

    private var numbers: (epoch: Int64, position: Int64, flags: Int64) {
        switch kind {
        case .numbered: (epoch, position, marks)
        case .invited: (epoch, position, 3 | marks)
        case .registration(let index, let name): (epoch, index, 2 | (name / 1_000) << 2)
        case .provisional(let place):
            (
                place.milliseconds, 0,
                1 | (place.node % ProvisionalPlace.nodeLimit) << 2
                    | (place.sequence % ProvisionalPlace.sequenceLimit) << 26
            )
        }
    }

    /// The flags beside the kind: moves, whether the work is done, how much it is.
    private var marks: Int64 { moves << 2 | (isProven ? 1 << 12 : 0) | Int64(bits) << 13 }
    private static let movesMask: Int64 = 1_023

    private static func areMarks(_ flags: Int64) -> Bool {
        flags >> 2 & movesMask <= moveLimit && flags >> 13 <= 32
    }

    private static func kind(flags: Int64, epoch: Int64, position: Int64) -> Kind? {
        switch flags & 3 {
        case 0 where areMarks(flags) && position > 0: .numbered
        case 3 where areMarks(flags) && position > 0: .invited
        case 2 where position > 0:
            .registration(index: position, name: (flags >> 2) * 1_000)
        case 1 where position == 0:
            .provisional(
                ProvisionalPlace(
                    milliseconds: epoch,
                    node: flags >> 2 & (ProvisionalPlace.nodeLimit - 1),
                    sequence: flags >> 26
                )
            )
        default: nil
        }
    }

    /// What a proof of work is about: follows from the ticket, and is another for every other.
    var puzzle: [UInt8] {
        let numbers = [epoch, position].flatMap { number in
            (0..<8).map { UInt8(truncatingIfNeeded: number >> Int64(8 * $0)) }
        }
        return Array(keys.proof.authenticate(id.bytes + numbers).prefix(16))
    }

    /// The one session this ticket can become for a client of that kind: claiming twice gives the same, and a thief
    /// with another kind of client gets one that was never admitted.
    func session(binding: UInt32) -> SessionID {
        let kind = (0..<4).map { UInt8(truncatingIfNeeded: binding >> UInt32(8 * $0)) }
        let code = keys.session.authenticate(id.bytes + kind)
        return SessionID(code) ?? SessionID(high: 0, low: 0)
    }
}
