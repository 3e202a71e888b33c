import HTTP
import Testing

@Suite struct BodyDecoderTests {
    /// What a decoder made of a stream: the content, what was consumed, and how it ended.
    struct Result: Equatable {
        var content: [UInt8] = []
        var consumed = 0
        var isFinished = false
        var error: BodyError?
        var trailers = ""
    }

    /// Decodes, giving `step` more bytes each time, and only those not consumed before.
    static func decode(_ framing: Framing, _ bytes: [UInt8], step: Int) -> Result {
        var decoder = BodyDecoder(framing)
        var result = Result()
        var given = 0
        while given < bytes.count, !result.isFinished {
            given = min(given + step, bytes.count)
            var isStuck = false
            while !isStuck, !result.isFinished {
                let input = Bytes(bytes[result.consumed..<given])
                do throws(BodyError) {
                    let step = try decoder.decode(input.view)
                    result.content += input.view[step.data].bytes
                    result.consumed += step.consumed
                    result.isFinished = step.isFinished
                    isStuck = step.consumed == 0 || result.consumed == given
                } catch {
                    result.error = error
                    return result
                }
            }
        }
        result.trailers = decoder.trailers.map(describe) ?? ""
        return result
    }

    static let accepted: [(String, String)] = [
        ("0\r\n\r\n", ""),
        ("5\r\nhello\r\n0\r\n\r\n", "hello"),
        ("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"),
        ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        ("a\r\n01234\r\n789\r\n000\r\n\r\n", "01234\r\n789"),
        ("000000000000003\r\nabc\r\n0\r\n\r\n", "abc"),
        ("3;name=value;other=\"x;y\"\r\nabc\r\n0;last\r\n\r\n", "abc"),
        ("3 \t;a\r\nabc\r\n0 ;b\r\n\r\n", "abc"),
        ("3; a = b\t;c\r\nabc\r\n0\r\nTrailer-One: 1\r\nX: \r\n\r\n", "abc"),
        ("3;a=\"\";b=\"\\\"=;\u{E9}\t\" ; c\r\nabc\r\n0\r\n\r\n", "abc"),
    ]

    @Test(arguments: accepted)
    func `Chunks are joined, whatever pieces they arrive in`(_ text: String, _ content: String) {
        let bytes = Array((text + "GET").utf8)
        let whole = Self.decode(.chunked, bytes, step: bytes.count)
        #expect(whole.content == Array(content.utf8))
        #expect(whole.isFinished)
        #expect(whole.consumed == bytes.count - 3)
        for step in 1..<bytes.count { #expect(Self.decode(.chunked, bytes, step: step) == whole) }
    }

    static let refused: [(String, BodyError)] = [
        ("\r\n", .badChunkSize),
        ("\n", .badChunkSize),
        (" 5\r\n", .badChunkSize),
        ("5 \r\n", .badChunkExtension),
        ("5 5\r\n", .badChunkExtension),
        ("+5\r\n", .badChunkSize),
        ("-1\r\n", .badChunkSize),
        ("0x5\r\n", .badChunkSize),
        ("5\n", .badChunkSize),
        ("5\r\r\n", .badChunkSize),
        ("g\r\n", .badChunkSize),
        (";a\r\n", .badChunkSize),
        ("5,5\r\n", .badChunkSize),
        ("5\u{0}\r\n", .badChunkSize),
        ("1000000000000000\r\n", .chunkTooLarge),
        ("0000000000000001\r\n", .chunkTooLarge),
        ("FFFFFFFFFFFFFFFFFFFF\r\n", .chunkTooLarge),
        ("5;a\nhello", .badChunkExtension),
        ("5;a\u{0}\r\n", .badChunkExtension),
        ("5;\r\n", .badChunkExtension),
        ("5;;a\r\n", .badChunkExtension),
        ("5;=a\r\n", .badChunkExtension),
        ("5;a=\r\n", .badChunkExtension),
        ("5;a \r\n", .badChunkExtension),
        ("5;a=b c\r\n", .badChunkExtension),
        ("5;a=b=c\r\n", .badChunkExtension),
        ("5;a=\"b\r\n", .badChunkExtension),
        ("5;a=\"b\\\r\n", .badChunkExtension),
        ("5;a=\"b\"c\r\n", .badChunkExtension),
        ("5;a=\"\n\"\r\n", .badChunkExtension),
        ("5;a=\u{E9}\r\n", .badChunkExtension),
        ("5;a\u{7F}\r\n", .badChunkExtension),
        ("5;a\rb\r\n", .badChunkSize),
        ("5;\(String(repeating: "a", count: 4096))\r\n", .chunkExtensionTooLong),
        ("5\r\nhelloX", .badChunkEnd),
        ("5\r\nhello\n0\r\n\r\n", .badChunkEnd),
        ("5\r\nhello\r0\r\n\r\n", .badChunkEnd),
        ("5\r\nhello0\r\n\r\n", .badChunkEnd),
        ("0\r\n\n", .badTrailers(.badLineEnding)),
        ("0\r\nX\r\n\r\n", .badTrailers(.badFieldName)),
        ("0\r\nX : y\r\n\r\n", .badTrailers(.badFieldName)),
        ("0\r\n X: y\r\n\r\n", .badTrailers(.obsoleteFolding)),
        ("0\r\nContent-Length: 5\r\n\r\n", .badTrailers(.conflictingFraming)),
        ("0\r\nTransfer-Encoding: chunked\r\n\r\n", .badTrailers(.conflictingFraming)),
        ("0\r\nHost: a\r\n\r\n", .badTrailers(.conflictingFraming)),
        ("0\r\n\(String(repeating: "X: y\r\n", count: 33))\r\n", .badTrailers(.tooManyFields)),
        ("0\r\nX: \(String(repeating: "y", count: 9000))", .badTrailers(.headTooLarge)),
    ]

    @Test(arguments: refused)
    func `A faulty chunk is refused, at once or byte by byte`(_ text: String, _ error: BodyError) {
        let bytes = Array(text.utf8)
        #expect(Self.decode(.chunked, bytes, step: bytes.count).error == error)
        #expect(Self.decode(.chunked, bytes, step: 1).error == error)
    }

    @Test func `Extensions are limited over the whole message`() {
        let chunk = "1;\(String(repeating: "e", count: 99))\r\na\r\n"
        let fits = String(repeating: chunk, count: 40) + "0\r\n\r\n"
        let exceeds = String(repeating: chunk, count: 41)
        #expect(Self.decode(.chunked, Array(fits.utf8), step: 64).isFinished)
        #expect(
            Self.decode(.chunked, Array(exceeds.utf8), step: 64).error == .chunkExtensionTooLong
        )
    }

    @Test func `Trailers are offered with their names and values`() {
        let bytes = Array("0\r\nETag: \"a\"\r\nX-Sum: 1\r\n\r\n".utf8)
        var decoder = BodyDecoder(.chunked)
        let input = Bytes(bytes)
        #expect(throws: Never.self) { try decoder.decode(input.view) }
        #expect(decoder.isFinished)
        #expect(decoder.trailers?.first(of: .etag)?.string == "\"a\"")
        #expect(decoder.trailers?.count == 2)
    }

    @Test func `Declared content is counted off and nothing behind it is taken`() {
        for step in 1...8 {
            let result = Self.decode(.length(5), Array("helloGET".utf8), step: step)
            #expect(result == Result(content: Array("hello".utf8), consumed: 5, isFinished: true))
        }
        #expect(!Self.decode(.length(9), Array("hello".utf8), step: 5).isFinished)
        #expect(BodyDecoder(.length(0)).isFinished)
        #expect(BodyDecoder(.none).isFinished)
    }

    @Test func `Content until the close never ends by itself`() {
        let result = Self.decode(.untilClose, Array("hello".utf8), step: 2)
        #expect(result == Result(content: Array("hello".utf8), consumed: 5, isFinished: false))
    }

    @Test func `What is encoded in chunks is decoded to the same`() {
        let buffer = OutputBuffer()
        for length in [1, 15, 16, 255, 4096] {
            let data = Bytes([UInt8](repeating: 0x61, count: length))
            buffer.appendChunk(data.view)
        }
        buffer.appendChunk(.empty)
        buffer.appendLastChunk()
        let result = Self.decode(.chunked, buffer.readable.bytes, step: 100)
        #expect(result.content.count == 1 + 15 + 16 + 255 + 4096)
        #expect(result.consumed == buffer.count)
        #expect(result.isFinished)
    }
}
