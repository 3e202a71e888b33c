import Foundation
import HTTP
import Testing

@testable import Gateway

@Suite struct JSONLineTests {
    private static func parse(_ write: (inout JSONLine) -> Void) throws -> [String: Any] {
        let output = OutputBuffer()
        var line = JSONLine(to: output)
        write(&line)
        line.end()
        let text = output.readable.bytes
        #expect(text.last == UInt8(ascii: "\n"))
        #expect(text.dropLast().allSatisfy { (0x20..<0x7F).contains($0) }, "one line of ASCII")
        return try #require(try JSONSerialization.jsonObject(with: Data(text)) as? [String: Any])
    }

    @Test func `Every byte can stand in a value`() throws {
        let all = [UInt8](0...255)
        let object = try Self.parse { line in
            unsafe all.withUnsafeBytes { unsafe line.add("all", ByteView($0)) }
        }
        #expect(
            (object["all"] as? String)?.unicodeScalars.map(\.value) == (0...255).map { UInt32($0) }
        )
    }

    @Test(arguments: [
        "", "plain", "\"}\n{\"", "\\", "\\u0000", "\u{0}\u{1}\u{1F}\u{7F}", "</script>", "\r\n",
        "\t",
    ])
    func `No text can break out of its value`(_ text: String) throws {
        let object = try Self.parse { line in
            line.add("before", 1)
            line.add("value", text)
            line.addLabel(text.isEmpty ? "x" : text, text)
            line.add("after", true)
        }
        #expect(object["before"] as? Int == 1)
        #expect(object["value"] as? String == text)
        #expect(object["labels.\(text.isEmpty ? "x" : text)"] as? String == text)
        #expect(object["after"] as? Bool == true)
        #expect(object.count == 4)
    }

    @Test func `Numbers, words and written values stand as they are`() throws {
        let object = try Self.parse { line in
            line.add("least", Int.min)
            line.add("most", Int.max)
            line.add("word", "ok" as StaticString)
            line.add("no", false)
            line.add("written") { $0.append(hex: 255) }
        }
        #expect(object["least"] as? Int == .min)
        #expect(object["most"] as? Int == .max)
        #expect(object["word"] as? String == "ok")
        #expect(object["no"] as? Bool == false)
        #expect(object["written"] as? String == "ff")
    }

    @Test func `A long value is cut`() throws {
        let text = String(repeating: "x", count: 5000)
        let object = try Self.parse { line in
            line.add("usual", text)
            unsafe Array(text.utf8).withUnsafeBytes {
                unsafe line.add("short", ByteView($0), limit: 32)
            }
        }
        #expect((object["usual"] as? String)?.count == 2048)
        #expect((object["short"] as? String)?.count == 32)
    }

    @Test func `An object without members is one`() throws {
        #expect(try Self.parse { _ in }.isEmpty)
    }
}
