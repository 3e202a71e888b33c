import Foundation
import Support
import Testing

extension Stories {
    /// Servers of HTTP/1 that answer before they have all of the request.
    @Suite(.haniel) struct EarlyAnswerTests {
        private static let begun = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

        private static func send(_ piece: [UInt8], on wire: Wire) throws {
            try wire.send(Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + [13, 10])
        }

        /// Sends back what comes, as it comes.
        private static func echo() throws -> TestOrigin {
            try TestOrigin(readsBodies: false) { request, connection in
                let wire = connection.wire
                guard var left = request["content-length"].flatMap(Int.init) else {
                    return try connection.respond(body: Array("\(connection.number)".utf8))
                }
                try wire.send(begun)
                while left > 0 {
                    let piece = try wire.receiveSome()
                    guard !piece.isEmpty else { throw WireError.ended(received: "") }
                    left -= piece.count
                    try send(piece, on: wire)
                }
                try wire.send("0\r\n\r\n")
            }
        }

        @Test func `It gets the rest of the content, and serves the next request`() throws {
            let origin = try Self.echo()
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            try wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
            #expect(try wire.receiveHead().status == 200)
            #expect(try wire.receive(through: "abc\r\n").count == 8)
            try wire.send("def")
            #expect(try wire.receive(through: "def\r\n").count == 8)
            try wire.send("ghi")
            #expect(try wire.receive(through: "0\r\n\r\n").count == 13)
            try wire.send(GatewayProcess.get("/next"))
            #expect(try wire.receiveResponse().text == "1")
        }

        @Test func `Over HTTP/2 as well`() throws {
            let origin = try Self.echo()
            let gateway = try GatewayProcess(origin: origin)
            let client = try gateway.connectHTTP2()
            let fields = [("content-length", "6")]
            try client.open(1, HTTP2Wire.request("POST", "/", fields), ends: false)
            try client.send(HTTP2Frame(.data, stream: 1, Array("abc".utf8)))
            #expect(try client.wait { client.responses[1]?.text == "abc" })
            try client.send(HTTP2Frame(.data, HTTP2Frame.endStream, stream: 1, Array("def".utf8)))
            #expect(try client.response(on: 1).text == "abcdef")
            #expect(try client.exchange(3, HTTP2Wire.get("/next")).text == "1")
        }

        /// More than all buffers on the way hold together.
        @Test(arguments: ["--http1.1", "--http2"])
        func `Content comes back while it goes up, however much it is`(version: String) throws {
            let origin = try Self.echo()
            let further = "limits:\n  body: 1GiB\n"
            let gateway = try GatewayProcess(origin: origin, further: further)
            let line = "0123456789abcdef0123456789ABCDE\n"
            let text = String(repeating: line, count: (24 << 20) / line.utf8.count)
            let file = try gateway.folder.write(text, to: "content")
            let answer = try gateway.curl(
                "/",
                version,
                "--data-binary",
                "@\(file)",
                "-H",
                "Expect:"
            )
            #expect(answer.status == 0)
            #expect(answer.text == text)
        }

        @Test
        func `Whoever breaks the content off ends the request, and the server is not to blame`()
            throws
        {
            let origin = try Self.echo()
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            try wire.send("POST /off HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
            _ = try wire.receive(through: "abc\r\n")
            wire.reset()
            #expect(gateway.logs("access.log", #""url.path":"/off""#, "client-gone"))
            let failures =
                "haniel_upstream_failures_total{pool=\"origin\",server=\"127.0.0.1:\(origin.port)\"}"
            #expect(try gateway.figure(failures) == 0)
            #expect(try gateway.get("/next").status == 200)
        }

        @Test(arguments: [
            "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 413 Too Large\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        ])
        func `One that wants no more, or has said all, ends the upload`(answer: String) throws {
            let ended = Signal()
            let origin = try TestOrigin(readsBodies: false) { _, connection in
                try connection.wire.send(answer)
                _ = try connection.wire.receiveToEnd()
                ended.raise()
            }
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            try wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\nabc")
            #expect(try wire.receiveResponse(to: "POST").text == "ok")
            #expect(ended.wait(within: .seconds(20)))
        }

        @Test func `A client that waits to be told to go on is spared the content`() throws {
            let origin = try TestOrigin(readsBodies: false) { _, connection in
                try connection.wire.send(Self.begun + "2\r\nok\r\n0\r\n\r\n")
                _ = try connection.wire.receiveToEnd()
            }
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            let wish = "Content-Length: 900000\r\nExpect: 100-continue\r\n\r\n"
            try wire.send("POST / HTTP/1.1\r\nHost: a\r\n\(wish)")
            var head = try wire.receiveHead()
            if head.status == 100 { head = try wire.receiveHead() }
            #expect(head.status == 200)
            #expect(try wire.receive(through: "0\r\n\r\n").count == 12)
        }
    }
}
