import Foundation
import Support
import Testing

extension Stories {
    /// Bodies in both directions.
    @Suite(.haniel)
    struct ContentTests {
        private static func echo() throws -> TestOrigin {
            try TestOrigin { request, connection in
                try connection.respond(
                    200,
                    [("X-Chunked", "\(request.isChunked)")],
                    body: request.body
                )
            }
        }

        @Test func `A body with a length arrives whole`() throws {
            let origin = try Self.echo()
            let gateway = try GatewayProcess(origin: origin)
            let body = String(repeating: "seat ", count: 50_000)
            #expect(
                try gateway.send(GatewayProcess.post("/", body: body), method: "POST").text == body
            )
        }

        @Test func `A body in chunks arrives whole, and its trailers do not become fields`() throws {
            let origin = try Self.echo()
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            try wire.send(
                "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            try wire.send("3;name=value\r\nabc\r\n")
            try wire.send("A\r\n0123456789\r\n0\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n")
            #expect(try wire.receiveResponse(to: "POST").text == "abc0123456789")
            #expect(
                !origin.requests.contains { $0.values(of: "x-forwarded-for").contains("6.6.6.6") }
            )
            try wire.send(GatewayProcess.get("/next"))
            #expect(try wire.receiveResponse().status == 200)
        }

        @Test func `An answer in chunks arrives whole and the connection goes on`() throws {
            let chunks = (1...200).map { [UInt8](repeating: UInt8($0), count: $0 * 7) }
            let origin = try TestOrigin { _, connection in try connection.respondChunked(chunks) }
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            for _ in 0..<3 {
                try wire.send(GatewayProcess.get("/"))
                #expect(try wire.receiveResponse().body == Array(chunks.joined()))
            }
        }

        @Test func `An answer that ends with its connection arrives whole`() throws {
            let origin = try TestOrigin { _, connection in
                try connection.wire.send("HTTP/1.0 200 OK\r\n\r\nuntil the end")
                connection.wire.close()
            }
            let gateway = try GatewayProcess(origin: origin)
            #expect(try gateway.get("/").text == "until the end")
        }

        @Test(arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        ])
        func `An answer that breaks off is not made to look whole`(answer: String) throws {
            let origin = try TestOrigin { _, connection in
                try connection.wire.send(answer)
                connection.wire.close()
            }
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            try wire.send(GatewayProcess.get("/"))
            let head = try wire.receiveHead()
            guard head.status == 200 else {
                #expect(head.status == 502)
                return
            }
            let rest = try wire.receiveToEnd()
            #expect(!String(decoding: rest, as: UTF8.self).hasSuffix("0\r\n\r\n"))
            #expect(head["content-length"].flatMap(Int.init) != rest.count)
        }

        @Test func `A client that waits for 100 Continue is told to go on`() throws {
            let origin = try Self.echo()
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            try wire.send(
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
            )
            #expect(try wire.receiveHead().status == 100)
            try wire.send("hello")
            #expect(try wire.receiveResponse(to: "POST").text == "hello")
        }

        @Test func `A client that waits for 100 Continue is spared a body that nobody wants`()
            throws
        {
            let origin = try Self.echo()
            let gateway = try GatewayProcess(origin: origin, routes: "  - deny: 403\n")
            let wire = try gateway.connect()
            try wire.send(
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
            )
            #expect(try wire.receiveHead().status == 403)
        }

        @Test func `A slow origin stops a fast upload, and nothing piles up in between`() throws {
            let size = 48 << 20
            let hasSeenPause = Signal()
            let origin = try TestOrigin(readsBodies: false) { _, connection in
                guard hasSeenPause.wait(within: .seconds(30)) else { return }
                var left = size
                while left > 0 {
                    left -= try connection.wire.receive(count: min(left, 1 << 20)).count
                }
                try connection.respond(body: Array("all of it".utf8))
            }
            let gateway = try GatewayProcess(origin: origin, further: "limits:\n  body: 1GiB\n")
            let wire = try gateway.connect(patience: .seconds(60))
            try wire.send("PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(size)\r\n\r\n")
            let piece = [UInt8](repeating: 7, count: size)
            let taken = try wire.offer(piece, for: .milliseconds(1500))
            #expect(
                taken < size / 2,
                "\(taken) bytes went somewhere although the origin reads nothing"
            )
            #expect(try residentBytes(of: gateway) < 100 << 20)
            hasSeenPause.raise()
            try wire.send(Array(piece[taken...]))
            #expect(try wire.receiveResponse(to: "PUT").text == "all of it")
        }

        @Test func `A slow client stops a fast origin, and nothing piles up in between`() throws {
            let size = 48 << 20
            let sent = Count()
            let origin = try TestOrigin { _, connection in
                try connection.wire.send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
                let piece = [UInt8](repeating: 3, count: 1 << 20)
                for _ in 0..<48 {
                    try connection.wire.send(piece)
                    sent.add(piece.count)
                }
            }
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect(patience: .seconds(60))
            try wire.send(GatewayProcess.get("/"))
            #expect(try wire.receiveHead().status == 200)
            pause(.milliseconds(1500))
            #expect(
                sent.value < size / 2,
                "\(sent.value) bytes left the origin although the client reads nothing"
            )
            #expect(try residentBytes(of: gateway) < 100 << 20)
            #expect(try wire.receive(count: size).count == size)
        }

        private func residentBytes(of gateway: GatewayProcess) throws -> Int {
            let status = try String(
                contentsOfFile: "/proc/\(gateway.process.processID)/status",
                encoding: .utf8
            )
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
            return (line.flatMap { Int($0.split(separator: " ").dropLast().last ?? "") } ?? 0)
                * 1024
        }
    }
}
