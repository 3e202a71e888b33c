import Testing
import Transport

@testable import Ticketing

struct ValueTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
        (4_102_444_800_000, "2100-01-01T00:00:00.000Z"),
        (1_795_449_600_000, "2026-11-23T16:00:00.000Z"),
    ])
    func `A moment is written as RFC 3339 says`(moment: Milliseconds, text: String) {
        #expect(moment.timestamp == text)
    }

    @Test func `The twenty-third of November 2026 is a Monday`() {
        #expect(CalendarDate(1_795_449_600_000).longDate == "Mon 23 November 2026")
    }

    @Test(arguments: [
        ("Europe/Lisbon", 1_782_864_000_000, 1), ("Europe/Lisbon", 1_795_449_600_000, 0),
        ("No/Where", 0, 0),
    ])
    func `The venue's clock follows its own summer time`(
        zone: String,
        moment: Milliseconds,
        hours: Milliseconds
    ) {
        #expect(LocalTime.offset(of: zone, at: moment) == hours * Span.hour)
    }

    @Test(arguments: [(0, "0.00 €"), (5, "0.05 €"), (123_456, "1234.56 €"), (-250, "-2.50 €")])
    func `Cents are shown with two digits`(amount: Int64, text: String) {
        #expect(Money(amount: amount, currency: "EUR").description == text)
    }

    @Test(arguments: [
        ("Ana@Example.com", "ana@example.com"), ("  a.b+c@x.pt\n", "a.b+c@x.pt"), ("ana", nil),
        ("a@b", nil),
        ("@b.pt", nil),
        ("a@@b.pt", nil), ("a b@c.pt", nil), ("a@b..pt", nil), ("a@b.pt\r\nBcc: x@y.pt", nil),
        ("<a@b.pt>", nil), ("mi\u{212A}e@X.pt", "mi\u{212A}e@x.pt"),
        ("\u{130}a@x.pt", "\u{130}a@x.pt"),
        ("", nil),
        ("   ", nil), (String(repeating: "a", count: 65) + "@b.pt", nil),
    ])
    func `An address is one mailbox or nothing`(input: String, normalised: String?) {
        #expect(EmailAddress(input)?.normalised == normalised)
    }

    @Test func `Identifiers differ and grow even when the clock stands still or goes back`() {
        let clock = ManualClock()
        let mint = IdentifierMint(node: 5, clock: clock.wallClock)
        var identifiers = (0..<10_000).map { _ in mint.next() }
        clock.advance(by: -Span.hour)
        identifiers += (0..<100).map { _ in mint.next() }
        #expect(zip(identifiers, identifiers.dropFirst()).allSatisfy { $0 < $1 })
        #expect(identifiers.allSatisfy { $0 > 0 && $0 >> 12 & 1023 == 5 })
    }

    @Test(arguments: [
        ("AB", "BB8"), ("Hello!!", "%69 VD92EX0"), ("base-45", "UJCLQE7W581"),
        ("ietf!", "QED8WEX0"),
    ])
    func `Base 45 agrees with the examples of RFC 9285`(plain: String, encoded: String) {
        #expect(Base45.encode(Array(plain.utf8)) == encoded)
        #expect(Base45.decode(encoded.utf8) == Array(plain.utf8))
    }

    @Test(arguments: ["A", "GGW0", ":::", "ab1", "ZZ"])
    func `Base 45 refuses what no encoder writes`(text: String) {
        #expect(Base45.decode(text.utf8) == nil)
    }

    @Test func `A ticket's code is proof only with our key and unchanged`() throws {
        let key = try #require(Ed25519PrivateKey.generate())
        let other = try #require(Ed25519PrivateKey.generate())
        let code = TicketCode(event: 101, ticket: 912_734_803_831_300_096)
        let text = try #require(code.signed(by: key))
        let publicKey = try Ed25519PublicKey(pem: key.publicPEM)
        #expect(TicketCode.verified(text, with: publicKey) == code)
        #expect(TicketCode.verified(text, with: try Ed25519PublicKey(pem: other.publicPEM)) == nil)
        #expect(TicketCode.verified(text.replacing("BMH1.", with: "BMH2."), with: publicKey) == nil)
        var characters = Array(text)
        characters[12] = characters[12] == "0" ? "1" : "0"
        #expect(TicketCode.verified(String(characters), with: publicKey) == nil)
        #expect(TicketCode.verified(String(text.dropLast(3)), with: publicKey) == nil)
    }

    @Test(arguments: [
        ("/orders/X", true), ("/", true), ("//evil.example", false),
        ("https://evil.example", false),
        ("/\\evil", false),
        ("orders", false), ("/a b", false), ("/a\r\nX: y", false), ("", false),
    ])
    func `A buyer is sent back to our own paths only`(path: String, isOwn: Bool) {
        #expect(OrderIntake.isOwnPath(path) == isOwn)
    }

    @Test func `A form is decoded as browsers encode it`() throws {
        let form = try FormFields(
            Array("name=Ana+Sofia&email=a%40b.pt&x=%C3%A9&x=2&empty=&flag".utf8)
        )
        #expect(form["name"] == "Ana Sofia")
        #expect(form["email"] == "a@b.pt")
        #expect(form["x"] == "é")
        #expect(form["empty"].isEmpty && form["flag"].isEmpty && form["absent"].isEmpty)
    }

    @Test(arguments: ["a=%", "a=%4", "a=%zz", "a=%ff"])
    func `A form that is not text is refused`(body: String) {
        #expect(throws: Problem.self) { try FormFields(Array(body.utf8)) }
    }

    @Test(arguments: [
        ("127.0.0.1:9000", "127.0.0.1", 9000), ("[::1]:0", "::1", 0),
        ("localhost:65535", "localhost", 65_535),
    ])
    func `A listening address has a host and a port`(text: String, host: String, port: Int) {
        let address = ListenAddress(argument: text)
        #expect(address?.host == host)
        #expect(address?.port == port)
    }

    @Test(arguments: ["9000", ":9000", "a:", "a:65536", "a:-1", "a:x"])
    func `Anything else is no listening address`(text: String) {
        #expect(ListenAddress(argument: text) == nil)
    }

    @Test(arguments: [
        ("<a href=\"x\">'&'</a>", "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;"),
        ("é", "é"),
    ])
    func `Text in markup cannot become markup`(text: String, escaped: String) {
        #expect(Markup.escape(text) == escaped)
    }
}
