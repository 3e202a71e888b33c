import Transport

/// A place in line as the visitor holds it: `v1.room.epoch.position.id.issued.flags.key.code`.
///
/// The same text for its whole life, so that a second tab, a reload or an old cookie cannot lose the place. The code is
/// HMAC-SHA-256 shortened to 128 bits (RFC 2104 section 5).
struct Ticket: Hashable, Sendable {
    /// A day: nobody waits longer, and a found ticket should be worth nothing.
    static let lifetimeSeconds: Int64 = 86_400
    private static let provisionalFlag: Int64 = 1

    let epoch: Int64
    /// The number in line; 0 while provisional.
    let position: Int64
    /// 96 random bits: what makes the ticket its holder's.
    let id: [UInt8]
    /// Seconds since 1970.
    let issuedSeconds: Int64
    /// The session this ticket leads to when claimed with a given binding.
    private let sessionKey: HMACKey

    /// Whether the place has no number yet because the store was away when its visitor came.
    var isProvisional: Bool { position == 0 }

    static func == (left: Ticket, right: Ticket) -> Bool {
        left.epoch == right.epoch && left.position == right.position && left.id == right.id
    }

    func hash(into hasher: inout Hasher) { hasher.combine(id) }

    /// A new ticket under the current keys.
    init(epoch: Int64, position: Int64, id: [UInt8], issuedSeconds: Int64, keys: RoomKeys) {
        self.epoch = epoch
        self.position = position
        self.id = id
        self.issuedSeconds = issuedSeconds
        sessionKey = keys.current.session
    }

    /// Reads a ticket from bytes of any origin; nil unless this room signed exactly these and they are not too old.
    init?(_ bytes: [UInt8], room: String, keys: RoomKeys, nowSeconds: Int64) {
        guard var reader = TokenReader(bytes), reader.skip("v1"), reader.skip(room),
            let epoch = reader.number(), let position = reader.number(), let id = reader.octets(12),
            let issued = reader.number(), let flags = reader.number(),
            let generation = reader.field().flatMap({ keys.generation(named: $0) }),
            reader.verify(generation.ticket),
            issued <= nowSeconds + 60, nowSeconds - issued < Self.lifetimeSeconds,
            (flags & Self.provisionalFlag != 0) == (position == 0)
        else { return nil }
        self.epoch = epoch
        self.position = position
        self.id = id
        issuedSeconds = issued
        sessionKey = generation.session
    }

    /// The text to hand out.
    func text(room: String, keys: RoomKeys) -> String {
        let flags = isProvisional ? Self.provisionalFlag : 0
        let place = "\(epoch).\(position).\(Base64URL.encode(id))"
        let body = "v1.\(room).\(place).\(issuedSeconds).\(flags).\(keys.current.id)"
        return TokenReader.signed(body, keys.current.ticket)
    }

    /// The one session this ticket can become for a client of that kind: claiming twice gives the same, and a thief
    /// with another kind of client gets one that was never admitted.
    func session(binding: UInt32) -> SessionID {
        let kind = (0..<4).map { UInt8(truncatingIfNeeded: binding >> UInt32(8 * $0)) }
        let code = sessionKey.authenticate(id + kind)
        return SessionID(code) ?? SessionID(high: 0, low: 0)
    }
}
