import Testing

@testable import Transport

@Suite struct Base64URLTests {
    static let vectors: [([UInt8], String)] = [
        ([], ""), ([0x66], "Zg"), ([0x66, 0x6F], "Zm8"), ([0x66, 0x6F, 0x6F], "Zm9v"),
        (Array("foob".utf8), "Zm9vYg"), (Array("fooba".utf8), "Zm9vYmE"),
        (Array("foobar".utf8), "Zm9vYmFy"),
        ([0xFB, 0xFF, 0xBF], "-_-_"), ([0, 0, 0, 0], "AAAAAA"), ([0xFF], "_w"),
    ]

    @Test(arguments: vectors)
    func `Bytes and text stand for each other`(_ bytes: [UInt8], _ text: String) {
        #expect(Base64URL.encode(bytes) == text)
        #expect(Base64URL.decode(text) == bytes)
    }

    @Test(arguments: [
        "A", "AAAAA", "Zg==", "Zg=", "+A", "/A", "Z g", "Zg\n", "Zh", "Zm9", "Zm8\0", "Zg.", "é",
        "_x",
    ])
    func `A text that no encoder writes is refused`(_ text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test func `Every length comes back as it was`() {
        for count in 0...70 {
            let bytes = patternedBytes(count)
            let text = Base64URL.encode(bytes)
            #expect(Base64URL.decode(text) == bytes)
            #expect(text.utf8.count == (count * 4 + 2) / 3)
        }
    }
}
