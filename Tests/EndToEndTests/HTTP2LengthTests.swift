import Support
import Testing

extension Stories {
    /// Messages of HTTP/2 that are not what their head says, or that end before their time: neither side is ever given
    /// one for a whole.
    @Suite(.haniel) struct HTTP2LengthTests {
        private static func post(_ path: String, declaring length: Int) -> HTTP2Frame {
            let fields = HTTP2Wire.request("POST", path, [("content-length", "\(length)")])
            return HTTP2Frame(.headers, HTTP2Frame.endHeaders, stream: 1, HTTP2Wire.block(fields))
        }

        private static func last(_ count: Int) -> HTTP2Frame {
            HTTP2Frame(
                .data,
                HTTP2Frame.endStream,
                stream: 1,
                [UInt8](repeating: 0x78, count: count)
            )
        }

        @Test(arguments: [0, 20, 49])
        func `A request that comes shorter than declared, all at once, reaches no server`(
            count: Int
        ) throws {
            let origin = try TestOrigin(readsBodies: false) { _, connection in
                try connection.respond()
            }
            let gateway = try GatewayProcess(origin: origin)
            let client = try gateway.connectHTTP2()
            try client.send(Self.post("/short", declaring: 50), Self.last(count))
            #expect(try client.response(on: 1).reset == 1)
            #expect(try client.exchange(3, HTTP2Wire.get("/next")).status == 200)
            #expect(origin.requests.map(\.target) == ["/next"])
        }

        @Test
        func `A request that turns out shorter than declared ends the connection to its server`()
            throws
        {
            let begun = Signal()
            let ended = Signal()
            let origin = try TestOrigin(readsBodies: false) { request, connection in
                guard request.target == "/short" else { return try connection.respond() }
                begun.raise()
                // An answer would bring the connection back, were the content taken for whole.
                if (try? connection.wire.receive(count: 20)) != nil { try connection.respond() }
                _ = try connection.wire.receiveToEnd()
                ended.raise()
            }
            let gateway = try GatewayProcess(origin: origin)
            let client = try gateway.connectHTTP2()
            try client.send(Self.post("/short", declaring: 50))
            #expect(begun.wait(within: .seconds(10)))
            try client.send(Self.last(20))
            #expect(try client.response(on: 1).reset != nil)
            #expect(ended.wait(within: .seconds(10)))
            #expect(try client.exchange(3, HTTP2Wire.get("/next")).status == 200)
        }

        @Test func `A request that is given up in the bytes that began it reaches no server`()
            throws
        {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(origin: origin)
            let client = try gateway.connectHTTP2()
            let head = HTTP2Wire.block(HTTP2Wire.get("/gone"))
            let bytes = (0..<20).flatMap { index in
                let stream = UInt32(2 * index + 1)
                return HTTP2Frame(.headers, 5, stream: stream, head).bytes
                    + HTTP2Frame(.reset, stream: stream, [0, 0, 0, 8]).bytes
            }
            try client.wire.send(bytes)
            #expect(try client.exchange(41, HTTP2Wire.get("/next")).status == 200)
            #expect(origin.requests.map(\.target) == ["/next"])
        }

        /// How the content of a response falls short of its head.
        enum Shortfall: String, CaseIterable {
            case inOneFrame, inTwoFrames, empty, beforeTrailers
        }

        @Test(arguments: [100, 60_000], Shortfall.allCases)
        func `A response that is shorter than declared is never completed`(
            length: Int,
            shortfall: Shortfall
        ) throws {
            let origin = try HTTP2Origin { _, stream, connection in
                let fields = [(":status", "200"), ("content-length", "\(length)")]
                try connection.open(stream, fields, ends: false)
                let half = [UInt8](repeating: 0x78, count: 50)
                let end = HTTP2Frame.endStream
                switch shortfall {
                case .inOneFrame:
                    try connection.send(HTTP2Frame(.data, end, stream: stream, half))
                case .inTwoFrames:
                    try connection.send(HTTP2Frame(.data, stream: stream, half))
                    try connection.send(HTTP2Frame(.data, end, stream: stream, []))
                case .empty:
                    try connection.send(HTTP2Frame(.data, end, stream: stream, []))
                case .beforeTrailers:
                    try connection.send(HTTP2Frame(.data, stream: stream, half))
                    try connection.open(stream, [("x-sum", "1")])
                }
            }
            let gateway = try GatewayProcess(
                .init(origins: [origin.port], upstream: "    protocol: h2\n")
            )
            let client = try gateway.connectHTTP2()
            let response = try client.exchange(1, HTTP2Wire.get())
            #expect(response.reset != nil || response.status == 502)
            let old = try gateway.connect(patience: .seconds(3))
            try old.send(GatewayProcess.get("/"))
            if let answer = try? old.receiveResponse() {
                #expect(answer.status == 502)
            } else {
                #expect((try? old.receiveToEnd()) != nil, "the client waits for the rest")
            }
        }

        static let malformedHeads: [[(String, String)]] = [
            [(":status", "600")], [(":status", "999")], [(":status", "99")], [(":status", "101")],
            [("x", "1")], [(":status", "200"), ("X-Upper", "1")],
            [(":status", "200"), ("content-length", "x")],
            [(":status", "200"), ("connection", "close")],
            [(":status", "200"), ("x", "a\r\nset-cookie: b=c")],
            [(":status", "200")] + (0..<300).map { ("x-\($0)", "1") },
        ]

        @Test func `A malformed head of a server becomes 502, also behind an interim one`() throws {
            let heads = Self.malformedHeads
            let origin = try HTTP2Origin { request, stream, connection in
                let words = (request[":path"] ?? "").split(separator: "/")
                guard words.count == 2, let index = Int(words[0]) else { return }
                if words[1] == "interim" {
                    try connection.open(stream, [(":status", "103"), ("link", "<a>")], ends: false)
                }
                try connection.open(stream, heads[index])
            }
            let gateway = try GatewayProcess(
                .init(origins: [origin.port], upstream: "    protocol: h2\n")
            )
            let client = try gateway.connectHTTP2()
            for index in heads.indices {
                for (turn, way) in ["final", "interim"].enumerated() {
                    let stream = UInt32(4 * index + 2 * turn + 1)
                    let path = "/\(index)/\(way)"
                    #expect(
                        try client.exchange(stream, HTTP2Wire.get(path)).status == 502,
                        "\(path)"
                    )
                    #expect(try gateway.get(path).status == 502, "\(path)")
                }
            }
        }

        @Test func `Content of a server before its head becomes 502`() throws {
            let origin = try HTTP2Origin { _, stream, connection in
                try connection.send(HTTP2Frame(.data, stream: stream, Array("early".utf8)))
                try connection.open(stream, [(":status", "200")])
            }
            let gateway = try GatewayProcess(
                .init(origins: [origin.port], upstream: "    protocol: h2\n")
            )
            #expect(try gateway.get("/").status == 502)
        }
    }
}
