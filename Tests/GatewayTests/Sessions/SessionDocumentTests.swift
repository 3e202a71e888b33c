import Testing

@testable import Gateway

@Suite struct SessionDocumentTests {
    private static let document = #"{"sub":"7","sid":"abc","role":"user","exp":1795000000}"#

    @Test(arguments: [
        document,
        " \t\r\n{ \"sub\" : \"7\" , \"sid\":\"abc\",\"role\":\"user\",\"exp\": 1795000000 } \n",
        #"{"exp":1795000000,"role":"user","more":true,"sid":"abc","none":null,"sub":"7","n":-4}"#,
    ])
    func `A flat object with its four members is a session`(_ text: String) throws {
        let session = try #require(SessionDocument.parse(Array(text.utf8)))
        #expect(session.subject == "7")
        #expect(session.id == "abc")
        #expect(session.role == "user")
        #expect(session.expiresAt == 1_795_000_000)
    }

    @Test(arguments: [
        "", "{", "}", "{}", "[]", "null", "7", "\"sub\"", document + "x", document + document,
        String(document.dropLast()),
        #"{"sub":7,"sid":"abc","role":"user","exp":1}"#, #"{"sub":"7","sid":"abc","role":"user"}"#,
        #"{"sub":"7","sid":"abc","role":"user","exp":"1"}"#,
        #"{"sub":"7","sid":"abc","role":null,"exp":1}"#,
        #"{"sub":"7","sid":"abc","role":"user","exp":1,"role":"admin"}"#,
        #"{"sub":"7","sid":"abc","role":"user","exp":1,}"#,
        #"{"sub":"7","sid":"abc","role":"user","exp":1.5}"#,
        #"{"sub":"7","sid":"abc","role":"user","exp":1e9}"#,
        #"{"sub":"7","sid":"abc","role":"user","exp":+1}"#,
        #"{"sub":"7","sid":"abc","role":"user","exp":01}"#,
        #"{"sub":"7","sid":"abc","role":"user","exp":-01}"#,
        #"{"sub":"7","sid":"abc","role":"user","exp":-}"#,
        #"{"sub":"7","sid":"abc","role":"user","exp":99999999999999999999}"#,
        #"{"sub":"7","sid":"abc","role":"user","exp":}"#,
        #"{"sub":"7","sid":"abc","role":"user","exp":1 2}"#,
        #"{"sub":"7","sid":"abc","role":"user","exp":1;}"#,
        #"{"sub":"7" "sid":"abc","role":"user","exp":1}"#,
        #"{"sub":"7","sid":"abc","role":"user","exp":true}"#,
        #"{"sub":"7","sid":"abc","role":"user","exp":[1]}"#,
        #"{"sub":{"x":"7"},"sid":"abc","role":"user","exp":1}"#,
        #"{'sub':'7','sid':'abc','role':'user','exp':1}"#,
        "{\"sub\":\"7\n\",\"sid\":\"a\",\"role\":\"u\",\"exp\":1}",
        #"{"sub":"7","sid":"\u00","role":"user","exp":1}"#,
        #"{"sub":"7","sid":"\ud800\u0041","role":"user","exp":1}"#,
        #"{"sub":"7","sid":"abc","role":"user","exp":1,"x":"# + String(repeating: "[", count: 99),
        #"{"sub":"7","sid":"abc","role":"user\","exp":1}"#,
        #"{"sub":"7\"#, "{\"sub\":\"7\",\"sid\":\"abc\",\"role\":\"user\",\"exp\":1}\0",
    ])
    func `Whatever is not exactly that is no session`(_ text: String) {
        #expect(SessionDocument.parse(Array(text.utf8)) == nil)
    }

    @Test func `A text that is not UTF-8 is no session`() {
        let bytes = Array(Self.document.utf8).map { $0 == UInt8(ascii: "7") ? 0xFF : $0 }
        #expect(SessionDocument.parse(bytes) == nil)
    }

    @Test func `A document of more than four kibibytes is no session`() {
        let padded =
            Self.document.dropLast() + ",\"x\":\"" + String(repeating: "y", count: 5000) + "\"}"
        #expect(SessionDocument.parse(Array(padded.utf8)) == nil)
    }

    @Test(arguments: 0..<document.utf8.count)
    func `A document that is cut short is no session`(_ count: Int) {
        #expect(SessionDocument.parse(Array(Self.document.utf8.prefix(count))) == nil)
    }

    @Test(arguments: 0..<document.utf8.count)
    func `No single changed byte makes the reader trap`(_ place: Int) {
        for byte in UInt8.min ... .max {
            var changed = Array(Self.document.utf8)
            changed[place] = byte
            let session = SessionDocument.parse(changed)
            #expect(session == nil || session?.subject.isEmpty == false)
        }
    }

    @Test(arguments: [
        (#"c\\d\/e\""#, "c\\d/e\""), (#"\u0041\n\u00fc"#, "A\nü"), (#"\ud83c\udfab"#, "🎫"),
        ("ü", "ü"),
    ])
    func `What is escaped stands for what it is`(text: String, id: String) throws {
        let document = #"{"sub":"7","sid":"\#(text)","role":"user","exp":1,"more":{"a":[1.5]}}"#
        #expect(SessionDocument.parse(Array(document.utf8))?.id == id)
    }
}
