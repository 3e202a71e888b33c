import HTTP
import Testing

@testable import Gateway

/// Heads and keys written as text, for the tests of the cache.
enum Heads {
    static func get(_ target: String = "/a", _ lines: [String] = []) throws -> RequestHead {
        try request("GET \(target) HTTP/1.1", lines)
    }

    static func request(_ line: String, _ lines: [String] = []) throws -> RequestHead {
        try bare(line, ["Host: example.com"] + lines)
    }

    static func bare(_ line: String, _ lines: [String]) throws -> RequestHead {
        var parser = RequestParser()
        let text = head(line, lines)
        let length = unsafe try text.withUnsafeBytes { try unsafe parser.parse(ByteView($0)) }
        #expect(length == text.count)
        return parser.head
    }

    static func response(_ status: Int, _ lines: [String], to method: HTTP.Method = .get) throws
        -> ResponseHead
    {
        var parser = ResponseParser()
        let text = head("HTTP/1.1 \(status) Text", lines)
        let length = unsafe try text.withUnsafeBytes {
            try unsafe parser.parse(ByteView($0), to: method)
        }
        #expect(length == text.count)
        return parser.head
    }

    private static func head(_ line: String, _ lines: [String]) -> [UInt8] {
        Array(([line] + lines + ["", ""]).joined(separator: "\r\n").utf8)
    }
}

/// Lends the bytes of a string as a view.
func viewing<Result>(_ text: String, _ body: (ByteView) throws -> Result) rethrows -> Result {
    unsafe try Array(text.utf8).withUnsafeBytes { try unsafe body(ByteView($0)) }
}
