import Testing

@testable import HTTP

@Suite struct FieldNameTests {
    @Test func `Every known name is spelled like its case`() {
        #expect(FieldName.texts.count == FieldName.allCases.count)
        for name in FieldName.allCases.dropFirst() {
            let text = ByteView(name.text).string
            #expect("\(name)".lowercased() == text.split(separator: "-").joined())
        }
    }

    @Test func `Every known name is recognised in any case, and no neighbour of it`() {
        for name in FieldName.allCases.dropFirst() {
            let text = ByteView(name.text).string
            for spelling in [text, text.uppercased(), text.capitalized] {
                let bytes = Bytes(spelling)
                #expect(FieldName(recognising: bytes.view) == name)
            }
            for index in text.utf8.indices {
                var changed = Array(text.utf8)
                changed[text.utf8.distance(from: text.startIndex, to: index)] ^= 0x04
                let bytes = Bytes(changed)
                #expect(FieldName(recognising: bytes.view) != name)
            }
            for other in [text + "x", String(text.dropLast()), "x" + text, text + "\r"] {
                let bytes = Bytes(other)
                #expect(FieldName(recognising: bytes.view) != name)
            }
        }
    }

    @Test(arguments: [
        "", "x", "hos", "hosts", "content-lengtH2", "\r-real-ip", "content\rlength", "h\u{F6}st",
    ])
    func `What is no known name is other`(_ text: String) {
        let bytes = Bytes(text)
        #expect(FieldName(recognising: bytes.view) == .other)
    }
}

extension String {
    fileprivate var capitalized: String {
        split(separator: "-", omittingEmptySubsequences: false)
            .map { $0.prefix(1).uppercased() + $0.dropFirst() }
            .joined(separator: "-")
    }
}
