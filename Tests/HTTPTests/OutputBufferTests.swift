import HTTP
import Testing

@Suite struct OutputBufferTests {
    @Test func `Bytes, text and numbers are appended in order`() {
        let buffer = OutputBuffer()
        buffer.append("a")
        buffer.append([0x62, 0x63])
        buffer.append(String("d\u{E9}"))
        buffer.append(byte: 0x20)
        for number in [0, 7, -42, 1_234_567_890, Int.max, Int.min] {
            buffer.append(decimal: number)
            buffer.append(" ")
        }
        for number: UInt in [0, 15, 16, 0xDEAD_BEEF, .max] {
            buffer.append(hex: number)
            buffer.append(" ")
        }
        buffer.appendCRLF()
        #expect(
            buffer.readable.string
                == "abcd\u{E9} 0 7 -42 1234567890 9223372036854775807 -9223372036854775808 "
                + "0 f 10 deadbeef ffffffffffffffff \r\n"
        )
    }

    @Test func `Consumed bytes leave at the front and room is used again`() {
        let buffer = OutputBuffer(limitBytes: 4096)
        var expected: [UInt8] = []
        var sent: [UInt8] = []
        for round in 0..<2000 {
            let part = [UInt8](repeating: UInt8(truncatingIfNeeded: round), count: round % 37)
            buffer.append(part)
            expected += part
            let taken = min(buffer.count, round % 41)
            sent += buffer.readable.prefix(taken).bytes
            buffer.consume(taken)
        }
        sent += buffer.readable.bytes
        #expect(!buffer.isFull)
        #expect(sent == expected)
    }

    @Test func `What passes the limit is left out whole and remembered`() {
        let buffer = OutputBuffer(limitBytes: 8)
        buffer.append("12345678")
        #expect(!buffer.isFull)
        buffer.append("9")
        #expect(buffer.isFull)
        #expect(buffer.readable.string == "12345678")
        buffer.removeAll()
        #expect(!buffer.isFull)
        #expect(buffer.isEmpty)
    }

    @Test func `A message that does not fit is taken back`() {
        let buffer = OutputBuffer(limitBytes: 8)
        buffer.append("abc")
        let mark = buffer.count
        buffer.append("def")
        buffer.append("ghijkl")
        #expect(buffer.isFull)
        buffer.truncate(to: mark)
        #expect(buffer.readable.string == "abc")
        #expect(!buffer.isFull)
    }

    @Test func `A reader fills free room directly`() {
        let buffer = OutputBuffer(limitBytes: 2048)
        let filled = unsafe buffer.fill(atLeast: 100) { room in
            for index in 0..<100 { unsafe room[index] = 0x78 }
            return 100
        }
        #expect(filled == 100)
        #expect(buffer.readable.string == String(repeating: "x", count: 100))
        let refused = unsafe buffer.fill(atLeast: 2000) { _ in 0 }
        #expect(refused == nil)
    }

    @Test(arguments: ["a\r\nSet-Cookie: x", "a\nb", "a\u{0}", "\u{7F}"])
    func `A composed value that could end its field is refused`(_ value: String) {
        let buffer = OutputBuffer()
        #expect(!buffer.appendField("X", value))
        #expect(buffer.isEmpty)
    }

    @Test func `A head is written line by line`() throws {
        let buffer = OutputBuffer()
        buffer.appendStatusLine(503)
        buffer.appendField("Retry-After", decimal: 5)
        buffer.appendField("Server", "haniel")
        #expect(buffer.appendField("X", "\u{E9}\t!"))
        buffer.appendCRLF()
        let text =
            "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nServer: haniel\r\nX: \u{E9}\t!\r\n\r\n"
        #expect(buffer.readable.string == text)
        #expect(try accept(text, to: .head).status == 503)
    }

    @Test func `A request is forwarded with its canonical target`() throws {
        let head = try accept("GET http://a/x/../%79?\u{7C} HTTP/1.1\r\nHost: a\r\n\r\n")
        let buffer = OutputBuffer()
        buffer.appendRequestLine(head)
        buffer.appendField(0, of: head.fields)
        #expect(buffer.readable.string == "GET /y?%7C HTTP/1.1\r\nHost: a\r\n")
    }
}
