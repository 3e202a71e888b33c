import Testing

@testable import HTTP

@Suite struct ByteViewTests {
    @Test func `Views compare, cut and trim without copying`() {
        let bytes = Bytes("  Hello, World\t ")
        let view = bytes.view.trimmed
        #expect(view.string == "Hello, World")
        #expect(view.equals("Hello, World"))
        #expect(!view.equals("hello, world"))
        #expect(view.equalsIgnoringCase("hello, world"))
        #expect(!view.equalsIgnoringCase("hello; world"))
        #expect(view.hasPrefix("Hell"))
        #expect(!view.hasPrefix("Hello, World!"))
        #expect(view.hasSuffix(ByteView("World")))
        #expect(view.firstIndex(of: 0x6F) == 4)
        #expect(view.firstIndex(of: 0x6F, from: 5) == 8)
        #expect(view.firstIndex(of: 0x7A) == nil)
        #expect(view[7..<12].string == "World")
        #expect(view.prefix(100).count == 12)
        #expect(view.dropFirst(100).isEmpty)
        #expect(ByteView.empty.trimmed.isEmpty)
    }

    @Test(
        arguments: [
            ("0", 0), ("007", 7), ("999999999999999999", 999_999_999_999_999_999), ("", nil),
            ("+1", nil), ("1 ", nil),
            ("1000000000000000000", nil), ("1a", nil), ("\u{661}", nil),
        ] as [(String, Int?)]
    )
    func `A decimal number is digits and nothing else`(_ text: String, _ value: Int?) {
        let bytes = Bytes(text)
        #expect(bytes.view.decimal == value)
    }

    @Test func `The tests on eight bytes agree with those on one`() {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<8 {
                var all = [UInt8](repeating: 0x61, count: 8)
                all[place] = byte
                let bytes = Bytes(all)
                let word = bytes.view.word(at: 0)
                let mark = UInt64(0x80) << UInt64(place * 8)
                #expect((Word.equal(word, 0x2F) & mark != 0) == (byte == 0x2F))
                let isPlain =
                    ASCIISet.unreserved.contains(byte) && byte != 0x5F && byte != 0x7E
                    || byte == 0x2F
                #expect((Word.lettersDigitsDashDotSlash(word) & mark != 0) == isPlain)
            }
        }
    }

    @Test(arguments: [
        ("args:old_password", true), ("password", true), ("passwor", false), ("", false),
        ("passwopassword", true), ("pass\0word", false),
    ])
    func `A literal is found wherever it stands`(_ text: String, _ isThere: Bool) {
        let bytes = Array(text.utf8)
        unsafe bytes.withUnsafeBytes { bytes in
            #expect(unsafe ByteView(bytes).contains("password" as StaticString) == isThere)
        }
    }

    @Test func `The first control byte is found at every place and offset`() {
        for length in 0..<40 {
            for place in 0..<length {
                var all = [UInt8](repeating: 0x80, count: length)
                all[place] = 0x0D
                if place > 0 { all[place - 1] = 0x09 }
                let bytes = Bytes(all)
                #expect(bytes.view.firstControl(from: 0, to: length) == place)
                #expect(bytes.view.firstControl(from: place + 1, to: length) == length)
            }
        }
    }

    @Test(arguments: 0..<50)
    func `A search over sixteen bytes at a time finds what one byte by byte finds`(length: Int) {
        for byte in UInt8.min...UInt8.max {
            let isControl = byte < 0x20 && byte != 0x09 || byte == 0x7F
            let needsEscape = byte < 0x20 || byte >= 0x7F || byte == 0x22 || byte == 0x5C
            for place in 0..<length {
                var all = [UInt8](repeating: 0x61, count: length)
                all[place] = byte
                let bytes = Bytes(all)
                let view = bytes.view
                #expect(view.firstControl(from: 0, to: length) == (isControl ? place : length))
                #expect(view.firstControl(from: 0, to: place) == place)
                #expect(view.firstIndexToEscape(from: 0) == (needsEscape ? place : length))
                #expect(view.firstIndexToEscape(from: place + 1) == length)
                #expect(view.firstIndex(of: byte) == (byte == 0x61 ? 0 : place))
                #expect(view.firstIndex(of: byte, from: length) == nil)
                #expect(view.firstColon == (byte == 0x3A ? place : length))
            }
        }
    }

    @Test(arguments: [
        ("!#$%&'*+-.^_`|~", ASCIISet.token), ("-._~", .unreserved),
        ("-._~!$&'()*+=", .hostName),
        ("-._~!$&'()*+,=:@/[]", .plainPath),
        ("-._~!$&'()*+,=:@/[]%?;", .plainQuery),
    ])
    func `The character sets hold letters, digits and what is listed`(
        _ listed: String,
        _ set: ASCIISet
    ) {
        for byte in UInt8.min...UInt8.max {
            let scalar = Unicode.Scalar(byte)
            let isAlphanumeric =
                byte < 0x80 && (scalar.properties.isAlphabetic || (0x30...0x39).contains(byte))
            #expect(
                set.contains(byte) == (isAlphanumeric || listed.utf8.contains(byte) && byte < 0x80)
            )
        }
    }
}
