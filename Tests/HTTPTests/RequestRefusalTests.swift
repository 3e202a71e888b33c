import HTTP
import Testing

/// The request-smuggling matrix and the rest of what no reader may repair.
@Suite struct RequestRefusalTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let request: String
        let error: HeadError

        init(_ request: String, _ error: HeadError) {
            self.request = request
            self.error = error
        }

        var testDescription: String { "\(error): \(request.debugDescription)" }
    }

    static func rows(_ head: String, _ fields: [(String, HeadError)]) -> [Row] {
        fields.map { Row("\(head) HTTP/1.1\r\nHost: a\r\n\($0.0)\r\n\r\n", $0.1) }
    }

    static let framing = rows(
        "POST /",
        [
            ("Content-Length: 5\r\nTransfer-Encoding: chunked", .conflictingFraming),
            ("Transfer-Encoding: chunked\r\nContent-Length: 5", .conflictingFraming),
            ("Transfer-Encoding: chunked\r\nContent-Length: 0", .conflictingFraming),
            ("Content-Length: 5\r\nContent-Length: 5", .conflictingFraming),
            ("Content-Length: 5\r\ncontent-length: 6", .conflictingFraming),
            ("Content-Length: 5, 5", .badContentLength),
            ("Content-Length: 5,5", .badContentLength),
            ("Content-Length: +5", .badContentLength),
            ("Content-Length: -5", .badContentLength),
            ("Content-Length: -0", .badContentLength),
            ("Content-Length:", .badContentLength),
            ("Content-Length: 0x5", .badContentLength),
            ("Content-Length: 5 5", .badContentLength),
            ("Content-Length: 5;", .badContentLength),
            ("Content-Length: 1_000", .badContentLength),
            ("Content-Length: 5.0", .badContentLength),
            ("Content-Length: \u{0665}", .badContentLength),
            ("Content-Length: 9223372036854775808", .badContentLength),
            ("Content-Length: 18446744073709551621", .badContentLength),
            ("Content-Length: 99999999999999999999999999999", .badContentLength),
            ("Transfer-Encoding: gzip", .unknownTransferCoding),
            ("Transfer-Encoding: gzip, chunked", .unknownTransferCoding),
            ("Transfer-Encoding: chunked, chunked", .unknownTransferCoding),
            ("Transfer-Encoding: chunked, identity", .unknownTransferCoding),
            ("Transfer-Encoding: identity", .unknownTransferCoding),
            ("Transfer-Encoding: chunked;q=1", .unknownTransferCoding),
            ("Transfer-Encoding: \"chunked\"", .unknownTransferCoding),
            ("Transfer-Encoding: xchunked", .unknownTransferCoding),
            ("Transfer-Encoding: chunkedx", .unknownTransferCoding),
            ("Transfer-Encoding: chunked,", .unknownTransferCoding),
            ("Transfer-Encoding:", .unknownTransferCoding),
            ("Transfer-Encoding: chun\u{212A}ed", .unknownTransferCoding),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .conflictingFraming),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", .conflictingFraming),
            ("Transfer-Encoding\t: chunked", .badFieldName),
            ("Transfer-Encoding : chunked", .badFieldName),
            (" Transfer-Encoding: chunked", .obsoleteFolding),
            ("Transfer-Encoding: \u{0B}chunked", .forbiddenByte),
            ("Transfer-Encoding: chunked\u{00}", .forbiddenByte),
            ("Transfer-Encoding:\n chunked", .badLineEnding),
            ("Transfer-Encoding:\r\n chunked", .obsoleteFolding),
            ("X: y\nTransfer-Encoding: chunked", .badLineEnding),
            ("X: y\rTransfer-Encoding: chunked", .badLineEnding),
            ("Connection: content-length\r\nContent-Length: 5", .badConnectionOptions),
            ("Connection: close, Transfer-Encoding", .badConnectionOptions),
            ("Connection: Host", .badConnectionOptions),
            ("Connection: close, accept\r\nAccept: a", .badConnectionOptions),
            ("Connection: close, accept-encoding\r\nAccept-Encoding: gzip", .badConnectionOptions),
            ("Connection: close, content-type\r\nContent-Type: text/plain", .badConnectionOptions),
            ("Connection: close, cookie\r\nCookie: a=b", .badConnectionOptions),
            ("Connection: close, authorization\r\nAuthorization: Basic x", .badConnectionOptions),
            ("Connection: close, range\r\nRange: bytes=0-1", .badConnectionOptions),
            ("Connection: close, if-none-match\r\nIf-None-Match: x", .badConnectionOptions),
            ("Connection: close, user-agent\r\nUser-Agent: x", .badConnectionOptions),
            ("Connection: close, origin\r\nOrigin: http://a", .badConnectionOptions),
            ("Connection: close, referer\r\nReferer: http://a", .badConnectionOptions),
            ("Connection: close, forwarded\r\nForwarded: for=a", .badConnectionOptions),
            (
                "Connection: close, x-forwarded-for\r\nX-Forwarded-For: 1.1.1.1",
                .badConnectionOptions
            ),
            ("Connection: close, x-real-ip\r\nX-Real-IP: 1.1.1.1", .badConnectionOptions),
            ("Connection: close, cache-control\r\nCache-Control: no-cache", .badConnectionOptions),
            ("Connection: close, expect\r\nExpect: 100-continue", .badConnectionOptions),
            (
                "Connection: " + Array(repeating: "x", count: 65).joined(separator: ","),
                .badConnectionOptions
            ),
            (
                "Connection: close, sec-fetch-mode\r\nSec-Fetch-Mode: navigate",
                .badConnectionOptions
            ),
            ("Connection: close, traceparent\r\nTraceparent: x", .badConnectionOptions),
            ("Connection: close, sec-websocket-key\r\nSec-WebSocket-Key: x", .badConnectionOptions),
            (
                "Connection: close, waiting-room-ticket\r\nWaiting-Room-Ticket: x",
                .badConnectionOptions
            ),
            ("Connection: a b", .badConnectionOptions),
            ("Expect: 200-ok", .unknownExpectation),
            ("Expect: 100-continue, x", .unknownExpectation),
            ("Expect: 100-continue\r\nExpect: 100-continue", .unknownExpectation),
        ]
    )

    static let fields = rows(
        "GET /",
        [
            ("Name", .badFieldName),
            (": value", .badFieldName),
            ("Na me: value", .badFieldName),
            ("Name : value", .badFieldName),
            ("N\u{E9}: value", .badFieldName),
            ("Name(: value", .badFieldName),
            ("N\"a: value", .badFieldName),
            ("Name/: value", .badFieldName),
            ("Na\u{0}me: value", .forbiddenByte),
            ("Name: a\u{0}b", .forbiddenByte),
            ("Name: a\u{1}b", .forbiddenByte),
            ("Name: a\u{7F}b", .forbiddenByte),
            ("Name: a\u{1F}", .forbiddenByte),
            ("Name: a\u{0C}", .forbiddenByte),
            ("Name: a\rb", .badLineEnding),
            ("Name: a\nb: c", .badLineEnding),
            ("Name: a\r\n folded", .obsoleteFolding),
            ("Name: a\r\n\tfolded", .obsoleteFolding),
            ("Name: a\r\n\tfolded: b", .obsoleteFolding),
            ("Name: a\r\n ", .obsoleteFolding),
            ("Name: a\r\r\n", .badLineEnding),
        ]
    )

    static let hosts =
        rows(
            "GET /",
            [
                ("Host: a", .duplicateHost),
                ("host: b", .duplicateHost),
            ]
        )
        + [
            "", "a, b", "a,b", "user@a", "a:b@c", "a b", "a/b", "a?b", "a#b", "a\\b", "http://a",
            "a:0",
            "a:65536",
            "a:99999", "a:+80", "a:80:80", "a:8 0", ":80", "[::1", "::1", "[::1]80",
            "[::g]", "[]", "[1]",
            "[fe80::1%25eth0]", "a..b", ".a", "a%2eb", "b\u{FC}cher.example", "a\"", "a<b>", "a;b",
            "{a}",
            String(repeating: "a", count: 256),
        ].map { Row("GET / HTTP/1.1\r\nHost: \($0)\r\n\r\n", .badHost) }

    static let lines = [
        Row("GET / HTTP/1.1\r\n\r\n", .missingHost),
        Row("GET / HTTP/1.1\r\nX-Host: a\r\n\r\n", .missingHost),
        Row("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
        Row("GET /  HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
        Row("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
        Row("GET /\tHTTP/1.1\r\nHost: a\r\n\r\n", .badRequestLine),
        Row("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", .badMethod),
        Row("GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
        Row(" GET / HTTP/1.1\r\nHost: a\r\n\r\n", .badMethod),
        Row("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", .badVersion),
        Row("GET /\r\nHost: a\r\n\r\n", .badRequestLine),
        Row("GET\r\n\r\n", .badRequestLine),
        Row("GET HTTP/1.1\r\nHost: a\r\n\r\n", .badRequestLine),
        Row("/ HTTP/1.1\r\nHost: a\r\n\r\n", .badMethod),
        Row("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", .badMethod),
        Row("G\u{E9}T / HTTP/1.1\r\nHost: a\r\n\r\n", .badMethod),
        Row("\(String(repeating: "A", count: 65)) / HTTP/1.1\r\nHost: a\r\n\r\n", .badMethod),
        Row("GET / HTTP/2.0\r\nHost: a\r\n\r\n", .versionNotSupported),
        Row("GET / HTTP/3.0\r\nHost: a\r\n\r\n", .versionNotSupported),
        Row("GET / HTTP/0.9\r\nHost: a\r\n\r\n", .badVersion),
        Row("GET / HTTP/0.8\r\nHost: a\r\n\r\n", .badVersion),
        Row("GET / HTTP/1.x\r\nHost: a\r\n\r\n", .badVersion),
        Row("GET / HTTP/x.1\r\nHost: a\r\n\r\n", .badVersion),
        Row("GET / \r\nHost: a\r\n\r\n", .missingVersion),
        Row("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .versionNotSupported),
        Row("GET / http/1.1\r\nHost: a\r\n\r\n", .badVersion),
        Row("GET / Http/1.1\r\nHost: a\r\n\r\n", .badVersion),
        Row("GET / HTTP/11\r\nHost: a\r\n\r\n", .badVersion),
        Row("GET / HTTP/1.10\r\nHost: a\r\n\r\n", .badVersion),
        Row("GET / HTTP/01.1\r\nHost: a\r\n\r\n", .badVersion),
        Row("GET / HTTP/1,1\r\nHost: a\r\n\r\n", .badVersion),
        Row("GET / HTTPS/1.1\r\nHost: a\r\n\r\n", .badVersion),
        Row("GET / ICY/1.10\r\nHost: a\r\n\r\n", .badVersion),
        Row("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .badRequestLine),
        Row("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .badLineEnding),
        Row("GET / HTTP/1.1\nHost: a\n\n", .badLineEnding),
        Row("GET / HTTP/1.1\rHost: a\r\n\r\n", .badLineEnding),
        Row("GET /\u{0} HTTP/1.1\r\nHost: a\r\n\r\n", .forbiddenByte),
        Row("GET /\u{7F} HTTP/1.1\r\nHost: a\r\n\r\n", .forbiddenByte),
        Row("GET / HTTP/1.1\r\n Host: a\r\n\r\n", .obsoleteFolding),
        Row("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .transferCodingNotAllowed),
        Row("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", .duplicateHost),
        Row("GET / HTTP/1.0\r\nHost: a b\r\n\r\n", .badHost),
        Row("\u{16}\u{3}\u{1}", .forbiddenByte),
    ]

    static let targets = [
        Row("GET /#top HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
        Row("GET /?q#top HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
        Row("GET * HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
        Row("OPTIONS ** HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
        Row("GET a HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
        Row("GET a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", .badTarget),
        Row("GET ?q HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
        Row("GET \\ HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
        Row("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
        Row("GET http:/a/ HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
        Row("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
        Row("GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
        Row("GET http://a:x/ HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
        Row("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", .hostMismatch),
        Row("GET http://a:81/ HTTP/1.1\r\nHost: a\r\n\r\n", .hostMismatch),
        Row("GET http://a\\@b/ HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
        Row("GET http://a/ HTTP/1.1\r\n\r\n", .missingHost),
        Row("CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
        Row("CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
        Row("CONNECT a:443 HTTP/1.1\r\nHost: b:443\r\n\r\n", .hostMismatch),
        Row("CONNECT a:443/x HTTP/1.1\r\nHost: a:443\r\n\r\n", .hostMismatch),
        Row(
            "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nContent-Length: 1\r\n\r\n",
            .contentNotAllowed
        ),
        Row(
            "TRACE / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
            .contentNotAllowed
        ),
    ]

    @Test(arguments: framing + fields + hosts + lines + targets)
    func `What two readers could read in two ways is refused, at once or byte by byte`(_ row: Row) {
        let bytes = Array(row.request.utf8)
        #expect(parseRequest(bytes) == .refused(row.error))
        #expect(parseRequest(bytes, step: 1) == .refused(row.error))
    }

    @Test func `A refusal carries the status that RFC 9110 gives it`() {
        let others: [HeadError: Int] = [
            .requestLineTooLong: 414, .headTooLarge: 431, .tooManyFields: 431,
            .unknownTransferCoding: 501,
            .versionNotSupported: 505, .unknownExpectation: 417,
        ]
        for error in HeadError.allCases {
            #expect(error.status == others[error] ?? 400)
        }
    }
}
