import HTTP
import Testing
import Transport

@testable import Gateway

private let secret = [UInt8](repeating: 7, count: 32)
private let keys = RoomKeys(room: "onsale", current: (id: "k1", secret: secret))
private let ticket = Ticket(
    epoch: 3,
    position: 1_234,
    id: TicketID(from: { Array(1...UInt8($0)) }),
    issuedSeconds: 1_795_000_000,
    keys: keys
)
private let text = ticket.text(room: "onsale")

private func read(
    _ text: some Sequence<UInt8>,
    room: String = "onsale",
    nowSeconds: Int64 = 1_795_000_100
) -> Ticket? {
    Ticket(Array(text), room: room, keys: keys, nowSeconds: nowSeconds)
}

extension Ticket {
    init?(_ bytes: [UInt8], room: String, keys: RoomKeys, nowSeconds: Int64) {
        let ticket = unsafe bytes.withUnsafeBytes {
            let token = unsafe TokenReader(ByteView($0), of: room)
            return Ticket(token, keys: keys, nowSeconds: nowSeconds)
        }
        guard let ticket else { return nil }
        self = ticket
    }
}

extension Pass {
    fileprivate init?(_ bytes: [UInt8], room: String, keys: RoomKeys, binding: UInt32) {
        let pass = unsafe bytes.withUnsafeBytes {
            let token = unsafe TokenReader(ByteView($0), of: room)
            return Pass(token, keys: keys, binding: binding)
        }
        guard let pass else { return nil }
        self = pass
    }
}

@Suite
struct TicketTests {
    @Test func `A ticket reads back as it was written`() throws {
        let back = try #require(read(text.utf8))
        #expect(back == ticket)
        #expect(back.issuedSeconds == 1_795_000_000)
        #expect(back.session(binding: 5) == ticket.session(binding: 5))
        #expect(text.hasPrefix("v1.onsale.3.1234.AQIDBAUGBwgJCgsM.1795000000.0.k1."))
    }

    @Test func `Any changed byte makes it worthless`() {
        let bytes = Array(text.utf8)
        for index in bytes.indices {
            for bit in [1, 2, 32, 128] as [UInt8] {
                var changed = bytes
                changed[index] ^= bit
                #expect(read(changed) == nil)
            }
        }
    }

    @Test func `Any missing or added byte makes it worthless`() {
        let bytes = Array(text.utf8)
        for count in bytes.indices { #expect(read(bytes.prefix(count)) == nil) }
        #expect(read(bytes + [UInt8(ascii: ".")]) == nil)
        #expect(read(bytes + [UInt8(ascii: "A")]) == nil)
        #expect(read([UInt8(ascii: " ")] + bytes) == nil)
    }

    @Test(
        arguments: [
            "", ".", "v1", "v1.", "v1.onsale.", "v1.onsale.1.1..1.0.k1.", "........",
            "v1.onsale.-1.1.AQIDBAUGBwgJCgsM.1.0.k1.x",
            "v1.onsale.99999999999999999999.1.AQIDBAUGBwgJCgsM.1.0.k1.AAAAAAAAAAAAAAAAAAAAAA",
            "v1.onsale.1.1.AQIDBAUGBwgJCgsM.1.0.k9.AAAAAAAAAAAAAAAAAAAAAA",
        ]
    )
    func `Text that was never a ticket is none`(text: String) {
        #expect(read(text.utf8) == nil)
    }

    @Test func `Random bytes of any length are none`() {
        var random = SeededGenerator(seed: 5)
        for count in 0..<600 {
            #expect(read((0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }) == nil)
        }
    }

    @Test func `A ticket is good for its own room and for a day`() {
        #expect(read(text.utf8, room: "other") == nil)
        #expect(read(text.utf8, nowSeconds: 1_795_000_000 + 86_399) != nil)
        #expect(read(text.utf8, nowSeconds: 1_795_000_000 + 86_400) == nil)
        #expect(read(text.utf8, nowSeconds: 1_795_000_000 - 86_399) != nil, "a clock put back")
        #expect(read(text.utf8, nowSeconds: 1_795_000_000 - 86_400) == nil)
    }

    @Test func `A retired key still verifies and a revoked one does not`() {
        let fresh = [UInt8](repeating: 8, count: 32)
        let rotated = RoomKeys(
            room: "onsale",
            current: (id: "k2", secret: fresh),
            accepted: [(id: "k1", secret: secret)]
        )
        let revoked = RoomKeys(room: "onsale", current: (id: "k2", secret: fresh))
        let old = Ticket(Array(text.utf8), room: "onsale", keys: rotated, nowSeconds: 1_795_000_100)
        #expect(old?.session(binding: 1) == ticket.session(binding: 1))
        #expect(
            Ticket(Array(text.utf8), room: "onsale", keys: revoked, nowSeconds: 1_795_000_100)
                == nil
        )
    }

    @Test(arguments: [
        Ticket.Kind.invited, .registration(index: 77, name: 1_795_000_200_000),
        .provisional(
            ProvisionalPlace(milliseconds: 1_795_000_000_123, node: 0xFF_FFFE, sequence: 4_000_000)
        ),
    ])
    func `Each kind of place reads back as it was written`(kind: Ticket.Kind) throws {
        let ticket = Ticket(
            epoch: 3,
            position: 9,
            kind: kind,
            id: TicketID(from: { Array(1...UInt8($0)) }),
            issuedSeconds: 1_795_000_000,
            keys: keys
        )
        let back = try #require(read(ticket.text(room: "onsale").utf8))
        #expect(back.kind == kind)
        #expect(back.isNumbered == (kind == .invited))
        #expect(back.position == (kind == .invited ? 9 : 0))
    }

    @Test func `A ticket leads to one session per kind of client`() {
        #expect(ticket.session(binding: 1) != ticket.session(binding: 2))
        let other = Ticket(
            epoch: 3,
            position: 1_234,
            id: TicketID(from: { Array(2...UInt8($0 + 1)) }),
            issuedSeconds: 1_795_000_000,
            keys: keys
        )
        #expect(ticket.session(binding: 1) != other.session(binding: 1))
    }
}

@Suite
struct PassTests {
    private let pass = Pass(
        epoch: 3,
        session: SessionID(high: 1, low: 2),
        signedMilliseconds: 1_795_000_000_000,
        untilMilliseconds: 1_795_000_600_000,
        binding: 77
    )

    @Test func `A pass reads back as it was written`() {
        let text = pass.text(room: "onsale", keys: keys)
        #expect(Pass(Array(text.utf8), room: "onsale", keys: keys, binding: 77) == pass)
    }

    @Test func `A pass on another kind of client, in another room, or with a changed byte is none`() {
        let bytes = Array(pass.text(room: "onsale", keys: keys).utf8)
        #expect(Pass(bytes, room: "onsale", keys: keys, binding: 78) == nil)
        #expect(Pass(bytes, room: "other", keys: keys, binding: 77) == nil)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            #expect(Pass(changed, room: "onsale", keys: keys, binding: 77) == nil)
        }
    }

    @Test func `A ticket is no pass and a pass is no ticket`() {
        let passText = pass.text(room: "onsale", keys: keys)
        #expect(Pass(Array(text.utf8), room: "onsale", keys: keys, binding: 77) == nil)
        #expect(read(passText.utf8) == nil)
    }

    @Test func `A session has one spelling`() {
        let session = SessionID(high: 0x0102_0304_0506_0708, low: 0xfffe_fdfc_fbfa_f9f8)
        #expect(session.text.utf8.count == 22)
        #expect(SessionID(text: Array(session.text.utf8)) == session)
        #expect(SessionID(text: Array("AAAAAAAAAAAAAAAAAAAAAB".utf8)) == nil)
        #expect(SessionID(text: Array("AAAA".utf8)) == nil)
    }
}
