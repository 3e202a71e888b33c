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
}
