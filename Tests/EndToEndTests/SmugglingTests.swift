import Support
import Testing

extension Stories {
    /// Requests that two readers might understand differently: refused, never repaired, never passed on.
    @Suite(.haniel)
    struct SmugglingTests {
        struct Attack: CustomTestStringConvertible {
            var testDescription: String
            var request: String
            var statuses: Set<Int> = [400]

            init(_ name: String, _ request: String, _ statuses: Set<Int> = [400]) {
                testDescription = name
                self.request = request
                self.statuses = statuses
            }
        }

        private static func post(_ fields: String, _ body: String) -> String {
            "POST / HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n\r\n\(body)"
        }

        private static let hidden = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"

        static let attacks = [
            Attack(
                "both framings",
                post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n\(hidden)")
            ),
            Attack(
                "two lengths",
                post("Content-Length: 0\r\nContent-Length: \(hidden.utf8.count)", hidden)
            ),
            Attack(
                "the same length twice",
                post("Content-Length: 1\r\nContent-Length: 1", "x\(hidden)")
            ),
            Attack("a list of lengths", post("Content-Length: 1, 1", "x\(hidden)")),
            Attack("a signed length", post("Content-Length: +1", "x\(hidden)")),
            Attack("a negative length", post("Content-Length: -1", hidden)),
            Attack("a hexadecimal length", post("Content-Length: 0x1", "x\(hidden)")),
            Attack("an empty length", post("Content-Length: ", hidden)),
            Attack(
                "a length beyond every integer",
                post("Content-Length: 99999999999999999999", hidden),
                [400, 413]
            ),
            Attack(
                "an unknown coding",
                post("Transfer-Encoding: xchunked", "0\r\n\r\n\(hidden)"),
                [400, 501]
            ),
            Attack(
                "a list of codings",
                post("Transfer-Encoding: chunked, identity", "0\r\n\r\n\(hidden)"),
                [400, 501]
            ),
            Attack(
                "two codings",
                post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", hidden),
                [400, 501]
            ),
            Attack(
                "space before the colon",
                post("Transfer-Encoding : chunked", "0\r\n\r\n\(hidden)")
            ),
            Attack("a folded field", post("X-A: b\r\n Transfer-Encoding: chunked", hidden)),
            Attack("a field without a name", post(": chunked", hidden)),
            Attack("a zero byte", post("X-A: a\0b", hidden)),
            Attack("a bare carriage return", post("X-A: b\rTransfer-Encoding: chunked", hidden)),
            Attack("bare line feeds", "GET / HTTP/1.1\nHost: localhost\n\n\(hidden)"),
            Attack(
                "chunks for HTTP/1.0",
                "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\(hidden)"
            ),
            Attack(
                "a chunk size with a prefix",
                post("Transfer-Encoding: chunked", "0x1\r\na\r\n0\r\n\r\n\(hidden)")
            ),
            Attack(
                "a signed chunk size",
                post("Transfer-Encoding: chunked", "+1\r\na\r\n0\r\n\r\n\(hidden)")
            ),
            Attack(
                "a huge chunk size",
                post("Transfer-Encoding: chunked", "ffffffffffffffffff\r\n"),
                [400, 413]
            ),
            Attack(
                "a chunk longer than told",
                post("Transfer-Encoding: chunked", "1\r\nab\r\n0\r\n\r\n\(hidden)")
            ),
            Attack(
                "a chunk ended by a bare line feed",
                post("Transfer-Encoding: chunked", "1\na\n0\n\n\(hidden)")
            ),
            Attack("no host", "GET / HTTP/1.1\r\n\r\n\(hidden)"),
            Attack("two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n\(hidden)"),
            Attack(
                "a host against the target",
                "GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n\(hidden)"
            ),
            Attack("a host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n\(hidden)"),
            Attack("two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n\(hidden)"),
            Attack("a tab", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n\(hidden)"),
            Attack("a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n\(hidden)"),
            Attack("another protocol", "GET / HTTP/2.0\r\nHost: a\r\n\r\n\(hidden)", [400, 505]),
            Attack("a small version", "GET / http/1.1\r\nHost: a\r\n\r\n\(hidden)", [400, 505]),
            Attack(
                "TLS on the plain port",
                "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}\r\n\r\n"
            ),
        ]

        @Test(arguments: attacks)
        func `What can be read in two ways is refused and the connection ends`(attack: Attack)
            throws
        {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            try wire.send(attack.request)
            let answer = try wire.receiveResponse(to: "POST")
            #expect(attack.statuses.contains(answer.status), "\(answer.startLine)")
            #expect(answer.announcesClose)
            #expect(try wire.isEnded())
            #expect(!origin.requests.contains { $0.target.contains("smuggled") })
            #expect(try gateway.get("/").status == 200, "the gateway goes on")
        }

        @Test(arguments: [
            ("both framings", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
            ("two lengths", "Content-Length: 2\r\nContent-Length: 3\r\n", "ok\n"),
            ("a folded field", "Content-Length: 2\r\nX: a\r\n b: c\r\n", "ok"),
            ("a field with a zero byte", "Content-Length: 2\r\nX: a\0b\r\n", "ok"),
        ])
        func `An origin's answer that can be read in two ways becomes 502`(
            name: String,
            fields: String,
            body: String
        )
            throws
        {
            let origin = try TestOrigin { _, connection in
                try connection.wire.send("HTTP/1.1 200 OK\r\n\(fields)\r\n\(body)")
            }
            let gateway = try GatewayProcess(origin: origin)
            #expect(try gateway.get("/").status == 502)
        }
    }
}
