import HTTP
import Transport

/// The secrets of one room's tickets and passes, derived from the gateway's secrets.
///
/// Several are accepted so that one can be retired in peace: the first signs, all verify. Each room and each purpose
/// has keys of its own, so a ticket of one room is noise in another and a ticket is never a pass.
final class RoomKeys: Sendable {
    /// One generation of keys.
    final class Generation: Sendable {
        /// Names the generation inside tokens: 1 to 8 of `a-z`, `0-9`.
        let id: String
        let ticket: HMACKey
        let pass: HMACKey
        let session: HMACKey
        let invitation: HMACKey
        /// Where the seeds of draws come from: the same on every gateway, and known to nobody else.
        let draw: HMACKey
        /// What the puzzles of proofs of work are made of, and what signs when a question was asked.
        let proof: HMACKey
        /// Turns addresses and fingerprints into numbers that say nothing to anybody else.
        let origin: HMACKey

        init(room: String, id: String, secret: [UInt8]) {
            func key(_ purpose: String) -> HMACKey {
                let info = Array("waiting-room v1 \(room) \(purpose)".utf8)
                return HMACKey(Digest.hkdf(secret: secret, info: info, count: 32))
            }
            self.id = id
            ticket = key("ticket")
            pass = key("pass")
            session = key("session")
            invitation = key("invitation")
            draw = key("draw")
            proof = key("proof")
            origin = key("origin")
        }

        /// The id as a number that Redis, too, can keep whole: its characters as digits.
        var number: Int64 {
            id.utf8.prefix(8).reduce(0) { number, byte in
                let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                let digit = isDigit ? byte - UInt8(ascii: "0") : byte &- UInt8(ascii: "a") &+ 10
                return number * 37 + Int64(digit % 36) + 1
            }
        }

        fileprivate func isNamed(_ id: ByteView) -> Bool {
            TokenReader.isEqual(id, self.id)
        }
    }

    let current: Generation
    private let older: [Generation]

    /// - Parameters:
    ///   - current: the generation that signs; its secret is at least 32 random bytes.
    ///   - accepted: older generations whose tokens are still good.
    init(
        room: String,
        current: (id: String, secret: [UInt8]),
        accepted: [(id: String, secret: [UInt8])] = []
    ) {
        self.current = Generation(room: room, id: current.id, secret: current.secret)
        older = accepted.map { Generation(room: room, id: $0.id, secret: $0.secret) }
    }

    /// The secret that decides the order of those who come before an opening, until it is told.
    ///
    /// - Parameter key: the number of the keys with which its registration began.
    func seed(of name: Int64, key: Int64) -> [UInt8] {
        generation(numbered: key).draw.authenticate(Array("\(name)".utf8))
    }

    /// The keys of that number; the present ones if those are not accepted any more, or the number is not known.
    func generation(numbered number: Int64) -> Generation {
        ([current] + older).first { $0.number == number } ?? current
    }

    /// Whether the seed of a draw with those keys is surely known here; of one whose keys nobody noted, if
    /// there were no others.
    func hasSeed(of key: Int64) -> Bool {
        key == 0 ? older.isEmpty : generation(numbered: key).number == key
    }

    /// Where somebody comes from, for the caps of the room; empty bytes for what is not known or not capped.
    func origin(client: [UInt8], fingerprint: [UInt8]) -> CrowdOrigin {
        CrowdOrigin(client: cell("c", client), fingerprint: cell("f", fingerprint))
    }

    private func cell(_ kind: String, _ bytes: [UInt8]) -> Int64 {
        guard !bytes.isEmpty else { return 0 }
        let code = current.origin.authenticate(Array(kind.utf8) + bytes)
        return code.prefix(8).reduce(0) { $0 << 8 | Int64($1) } & (CrowdOrigin.limit - 1)
    }

    func generation(named id: ByteView) -> Generation? {
        if current.isNamed(id) { return current }
        return older.first { $0.isNamed(id) }
    }
}
