import HTTP
import Transport

/// Lets its holder be called up before the line: signed by the operator, or a code of the configuration.
struct Invitation: Hashable, Sendable {
    /// Names it where its uses are counted.
    let name: String
    /// How many may come in with it.
    let uses: Int

    init(name: String, uses: Int) {
        self.name = name
        self.uses = uses
    }

    /// Reads `i1.room.id.uses.expires.key.code` from bytes of any origin; nil unless this room signed it and it is
    /// still good.
    init?(_ bytes: ByteView, room: String, keys: RoomKeys, nowSeconds: Int64) {
        guard var reader = TokenReader(bytes), reader.skip("i1"), reader.skip(room),
            let id: InlineArray<9, UInt8> = reader.octets(), let uses = reader.number(),
            let expires = reader.number(),
            let generation = reader.field().flatMap({ keys.generation(named: $0) }),
            reader.verify(generation.invitation), expires > nowSeconds
        else { return nil }
        self.init(
            name: "i:" + Base64URL.encode(id.indices.map { id[$0] }),
            uses: Int(clamping: uses)
        )
    }

    /// A new signed invitation.
    static func text(
        room: String,
        keys: RoomKeys,
        id: [UInt8],
        uses: Int,
        expiresSeconds: Int64
    ) -> String {
        let body =
            "i1.\(room).\(Base64URL.encode(id)).\(uses).\(expiresSeconds).\(keys.current.id)"
        return TokenReader.signed(body, keys.current.invitation)
    }
}
