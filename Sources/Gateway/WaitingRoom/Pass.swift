import HTTP
import Transport

/// An admission as the visitor holds it: `v1.room.epoch.session.signed.until.binding.key.code`.
struct Pass: Hashable, Sendable {
    let epoch: Int64
    let session: SessionID
    /// When this text was signed, milliseconds since 1970.
    let signedMilliseconds: Int64
    /// Good until then unless the store knows a later end; never later than the store's end at the time of signing.
    let untilMilliseconds: Int64
    /// What kind of client it was given to.
    let binding: UInt32

    init(
        epoch: Int64,
        session: SessionID,
        signedMilliseconds: Int64,
        untilMilliseconds: Int64,
        binding: UInt32
    ) {
        self.epoch = epoch
        self.session = session
        self.signedMilliseconds = signedMilliseconds
        self.untilMilliseconds = untilMilliseconds
        self.binding = binding
    }

    /// Reads on in a token of any origin; nil unless this room signed exactly this for this kind of client.
    ///
    /// Whether the session still goes on is the store's to say.
    init?(_ token: TokenReader, keys: RoomKeys, binding: UInt32) {
        var reader = token
        guard let epoch = reader.number(),
            let session = reader.octets().map({ SessionID($0) }),
            let signed = reader.number(), let until = reader.number(), let bound = reader.number(),
            let generation = reader.field().flatMap({ keys.generation(named: $0) }),
            reader.verify(generation.pass), bound == Int64(binding)
        else { return nil }
        self.init(
            epoch: epoch,
            session: session,
            signedMilliseconds: signed,
            untilMilliseconds: until,
            binding: binding
        )
    }

    /// The same on a clock that is so far ahead.
    func shifted(by milliseconds: Int64) -> Pass {
        Pass(
            epoch: epoch,
            session: session,
            signedMilliseconds: max(signedMilliseconds + milliseconds, 0),
            untilMilliseconds: max(untilMilliseconds + milliseconds, 0),
            binding: binding
        )
    }

    /// The text to hand out.
    func text(room: String, keys: RoomKeys) -> String {
        let times = "\(signedMilliseconds).\(untilMilliseconds)"
        let body = "v1.\(room).\(epoch).\(session.text).\(times).\(binding).\(keys.current.id)"
        return TokenReader.signed(body, keys.current.pass)
    }
}
