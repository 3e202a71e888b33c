import Foundation
import Support
import Testing

extension Stories {
    /// Servers that speak HTTP/2, and the calls of gRPC that need it from end to end.
    @Suite(.haniel) struct HTTP2UpstreamTests {
        private static func gateway(_ origin: HTTP2Origin, further: String = "") throws
            -> GatewayProcess
        {
            try GatewayProcess(
                .init(origins: [origin.port], upstream: "    protocol: h2\n\(further)")
            )
        }

        private static func echo() throws -> HTTP2Origin {
            try HTTP2Origin { request, stream, connection in
                let fields = [
                    (":status", "200"), ("x-method", request[":method"] ?? ""),
                    ("x-path", request[":path"] ?? ""),
                    ("x-authority", request[":authority"] ?? ""), ("x-te", request["te"] ?? ""),
                ]
                try connection.open(stream, fields, ends: request.body.isEmpty)
                guard !request.body.isEmpty else { return }
                for start in stride(from: 0, to: request.body.count, by: 16_000) {
                    let end = min(start + 16_000, request.body.count)
                    let flags = end == request.body.count ? HTTP2Frame.endStream : 0
                    let piece = Array(request.body[start..<end])
                    try connection.send(HTTP2Frame(.data, flags, stream: stream, piece))
                }
            }
        }

        @Test func `Clients of both versions reach it, over one connection`() throws {
            let origin = try Self.echo()
            let gateway = try Self.gateway(origin)
            let client = try gateway.connectHTTP2()
            let response = try client.exchange(1, HTTP2Wire.get("/a?b", [("te", "trailers")]))
            #expect(response.status == 200)
            #expect(response["x-path"] == "/a?b" && response["x-authority"] == "localhost")
            #expect(response["x-te"] == "trailers")
            let old = try gateway.get("/old")
            #expect(old.status == 200 && old["x-path"] == "/old")
            #expect(old["content-length"] == "0")
            let body = String(repeating: "u", count: 40_000)
            let posted = try gateway.send(GatewayProcess.post("/up", body: body), method: "POST")
            #expect(posted.text == body)
            #expect(origin.connectionCount == 1)
        }

        @Test func `Status, messages and trailers of a gRPC call pass as they are`() throws {
            let origin = try HTTP2Origin { request, stream, connection in
                let ok = [(":status", "200"), ("content-type", "application/grpc")]
                try connection.open(stream, ok, ends: false)
                try connection.send(HTTP2Frame(.data, stream: stream, request.body))
                try connection.open(stream, [("grpc-status", "0"), ("grpc-message", "fine")])
            }
            let gateway = try Self.gateway(origin)
            let client = try gateway.connectHTTP2()
            let fields = [("content-type", "application/grpc"), ("te", "trailers")]
            try client.open(1, HTTP2Wire.request("POST", "/s.S/M", fields), ends: false)
            let message: [UInt8] = [0, 0, 0, 0, 2, 7, 7]
            try client.send(HTTP2Frame(.data, HTTP2Frame.endStream, stream: 1, message))
            let response = try client.response(on: 1)
            #expect(response.body == message)
            #expect(response.trailers.map(\.name) == ["grpc-status", "grpc-message"])
        }

        @Test func `A call that fails at once has its status in the only head`() throws {
            let origin = try HTTP2Origin { _, stream, connection in
                let fields = [
                    (":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "12"),
                ]
                try connection.open(stream, fields)
            }
            let gateway = try Self.gateway(origin)
            let client = try gateway.connectHTTP2()
            let response = try client.exchange(1, HTTP2Wire.request("POST", "/s.S/None"))
            #expect(response["grpc-status"] == "12")
        }

        @Test func `Both sides of a call speak at the same time`() throws {
            let origin = try HTTP2Origin { connection, _ in
                guard try connection.wait(until: { connection.responses[1] != nil }) else { return }
                try connection.open(1, [(":status", "200")], ends: false)
                var answered = 0
                while let request = connection.responses[1] {
                    let fresh = Array(request.body.dropFirst(answered))
                    answered += fresh.count
                    if !fresh.isEmpty { try connection.send(HTTP2Frame(.data, stream: 1, fresh)) }
                    if request.isComplete { break }
                    guard try connection.receive() != nil else { return }
                }
                try connection.open(1, [("grpc-status", "0")])
                while try connection.receive() != nil {}
            }
            let gateway = try Self.gateway(origin)
            let client = try gateway.connectHTTP2()
            try client.open(1, HTTP2Wire.request("POST", "/s.S/Chat"), ends: false)
            for index in 1...5 {
                try client.send(HTTP2Frame(.data, stream: 1, [UInt8(index)]))
                #expect(try client.wait { client.responses[1]?.body.count == index })
            }
            try client.send(HTTP2Frame(.data, HTTP2Frame.endStream, stream: 1, []))
            let response = try client.response(on: 1)
            #expect(response.body == [1, 2, 3, 4, 5])
            #expect(response.trailers.first?.value == "0")
        }

        @Test func `A stream that the server refuses goes to another connection`() throws {
            let origin = try HTTP2Origin { connection, number in
                guard try connection.wait(until: { connection.responses[1]?.isComplete == true })
                else { return }
                if number == 1 {
                    // Going away, having taken nothing.
                    try connection.send(HTTP2Frame(.goAway, [UInt8](repeating: 0, count: 8)))
                    while try connection.receive() != nil {}
                } else {
                    try connection.open(1, [(":status", "200"), ("x-from", "\(number)")])
                    while try connection.receive() != nil {}
                }
            }
            let gateway = try Self.gateway(origin)
            let client = try gateway.connectHTTP2()
            let response = try client.exchange(1, HTTP2Wire.request("POST", "/pay"))
            #expect(response.status == 200 && response["x-from"] == "2")
        }

        @Test func `A response that breaks off is never completed`() throws {
            let origin = try HTTP2Origin { _, stream, connection in
                let fields = [(":status", "200"), ("content-length", "10")]
                try connection.open(stream, fields, ends: false)
                try connection.send(HTTP2Frame(.data, stream: stream, Array("half".utf8)))
                try connection.send(HTTP2Frame(.reset, stream: stream, [0, 0, 0, 2]))
            }
            let gateway = try Self.gateway(origin)
            let client = try gateway.connectHTTP2()
            let response = try client.exchange(1, HTTP2Wire.get())
            #expect(!response.isComplete || response.status == 502)
        }

        @Test func `A client that gives up resets the stream to the server`() throws {
            let gone = Signal()
            let origin = try HTTP2Origin { connection, _ in
                if try connection.wait(until: { connection.responses[1]?.reset != nil }) {
                    gone.raise()
                }
            }
            let gateway = try Self.gateway(origin)
            let client = try gateway.connectHTTP2()
            try client.open(1, HTTP2Wire.get("/slow"))
            #expect(eventually { origin.connectionCount == 1 })
            try client.send(HTTP2Frame(.ping, [UInt8](repeating: 0, count: 8)))
            #expect(try client.wait { client.counts[.ping] == 1 })
            try client.send(HTTP2Frame(.reset, stream: 1, [0, 0, 0, 8]))
            #expect(gone.wait(within: .seconds(10)))
        }
    }
}
