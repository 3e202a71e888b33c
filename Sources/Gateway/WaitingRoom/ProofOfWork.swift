import HTTP
import Transport

/// Work that a visitor's computer does while it waits: a number with which the SHA-256 of the puzzle begins with zeros.
///
/// The puzzle follows from the ticket: nothing is kept of it, and a solution is worth nothing with another ticket. It
/// makes places dearer for those who take many; it does not tell people from programs.
struct ProofOfWork: Hashable, Sendable {
    /// How much is asked of whom.
    struct Settings: Hashable, Sendable {
        /// Leading zero bits for a client that has taken few places of late; each more doubles the work.
        var leastBits = 17
        /// And for one that has taken many.
        var mostBits = 21
        /// How long somebody waits who answers a question instead.
        var holdSeconds = 30

        /// Twice the work for each doubling of the places that a client took, beyond what a household takes.
        func bits(places: Int) -> Int {
            var bits = leastBits
            var bound = 16
            while bits < mostBits, places >= bound {
                bits += 1
                bound *= 2
            }
            return bits
        }
    }

    /// Characters of a number that may be a solution.
    private static let digitLimit = 20

    let puzzle: String
    let bits: Int

    init(puzzle: [UInt8], bits: Int) {
        self.puzzle = Base64URL.encode(puzzle)
        self.bits = bits
    }

    /// Whether `SHA-256(puzzle "." number)` begins with so many zero bits.
    func isSolved(by number: some StringProtocol) -> Bool {
        guard (1...Self.digitLimit).contains(number.utf8.count),
            number.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return false }
        let digest = Digest.sha256(Array("\(puzzle).\(number)".utf8))
        return digest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }.leadingZeroBitCount
            >= bits
    }

    /// What programs are told: the algorithm, the puzzle, how many zero bits, and where to post the number.
    func json(room: String) -> String {
        "{\"algorithm\":\"sha256\",\"puzzle\":\"\(puzzle)\",\"difficulty\":\(bits)"
            + ",\"post\":\"/.wr/proof?room=\(room)\"}"
    }

    /// Two small numbers to add, for somebody whose browser does no such work.
    var question: (Int, Int) {
        let bytes = Array(puzzle.utf8)
        return (2 + Int(bytes.first ?? 0) % 8, 2 + Int(bytes.last ?? 0) % 8)
    }

    func isAnswered(by text: some StringProtocol) -> Bool {
        Int(text) == question.0 + question.1
    }
}

extension ProofOfWork {
    /// When somebody was first asked the question, as the form carries it: `q1.id.seconds.code`.
    static func token(of ticket: Ticket, keys: RoomKeys, nowSeconds: Int64) -> String {
        TokenReader.signed(
            "q1.\(Base64URL.encode(ticket.id.bytes)).\(nowSeconds)",
            keys.current.proof
        )
    }

    /// Since when somebody has been asked; nil unless this room asked the holder of this very ticket.
    static func seconds(of token: String, _ ticket: Ticket, keys: RoomKeys) -> Int64? {
        var token = token
        return token.withUTF8 {
            unsafe seconds(of: ByteView(UnsafeRawBufferPointer($0)), ticket, keys)
        }
    }

    private static func seconds(of token: ByteView, _ ticket: Ticket, _ keys: RoomKeys) -> Int64? {
        guard var reader = TokenReader(token), reader.skip("q1"),
            reader.octets().map({ TicketID($0) }) == ticket.id, let seconds = reader.number(),
            reader.verify(keys.current.proof)
        else { return nil }
        return seconds
    }
}
