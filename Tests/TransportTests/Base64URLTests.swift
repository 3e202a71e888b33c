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

    @Test(arguments: vectors)
    func `Text fills as many bytes as it stands for, and no others`(
        _ bytes: [UInt8],
        _ text: String
    ) {
        for count in 0..<8 {
            var filled = [UInt8](repeating: 0, count: count)
            let isFilled = Self.fill(&filled, with: text)
            #expect(isFilled == (count == bytes.count))
            if isFilled { #expect(filled == bytes) }
        }
    }

    @Test func `Text that no encoder writes fills nothing`() {
        for text in ["Zh", "Zm9v=", "Z+", "_x", "Z", "Zm9vY"] {
            for count in 0..<6 {
                var filled = [UInt8](repeating: 0, count: count)
                #expect(!Self.fill(&filled, with: text))
            }
        }
    }

    private static func fill(_ bytes: inout [UInt8], with text: String) -> Bool {
        let text = Array(text.utf8)
        var target = bytes.mutableSpan
        return Base64URL.decode(text.span, into: &target)
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
