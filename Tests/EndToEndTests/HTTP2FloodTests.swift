import Foundation
import Support
import Testing

extension Stories {
    /// What costs us more than the peer, sent again and again: bounded work, then the end of that connection alone.
    @Suite(.haniel) struct HTTP2FloodTests {
        /// Frames to send over and over; the number of the round makes stream identifiers.
        struct Flood: CustomTestStringConvertible {
            var testDescription: String
            var opening: [HTTP2Frame] = []
            /// What the connection may end with.
            var codes: Set<UInt32> = [11]
            var frames: @Sendable (_ round: UInt32) -> [HTTP2Frame]
        }

        private static let head = HTTP2Wire.block(HTTP2Wire.get("/flood"))
        private static let post = HTTP2Wire.block(HTTP2Wire.request("POST", "/flood"))
        private static let eight = [UInt8](repeating: 0, count: 8)

        private static func odd(_ round: UInt32) -> UInt32 { 2 * round + 1 }

        static let floods = [
            Flood(testDescription: "rapid reset") { round in
                [
                    .init(.headers, 5, stream: odd(round), head),
                    .init(.reset, stream: odd(round), [0, 0, 0, 8]),
                ]
            },
            Flood(
                testDescription: "resets that we are made to send, by a window of nothing",
                codes: [1, 11]
            ) { round in
                [
                    .init(.headers, 5, stream: odd(round), head),
                    .init(.windowUpdate, stream: odd(round), [0, 0, 0, 0]),
                ]
            },
            Flood(testDescription: "resets that we are made to send, by malformed heads") { round in
                [.init(.headers, 5, stream: odd(round), HTTP2Wire.block([(":path", "x")]))]
            },
            Flood(testDescription: "heads that are too large") { round in
                let value = String(repeating: "v", count: 40_000)
                let large = HTTP2Wire.block(HTTP2Wire.get("/flood", [("x", value)]))
                let parts = stride(from: 0, to: large.count, by: 16_000).map {
                    Array(large[$0..<min($0 + 16_000, large.count)])
                }
                return parts.enumerated().map { index, part in
                    let isLast = index == parts.count - 1
                    return HTTP2Frame(
                        index == 0 ? .headers : .continuation,
                        (index == 0 ? 1 : 0) | (isLast ? 4 : 0),
                        stream: odd(round),
                        part
                    )
                }
            },
            Flood(testDescription: "PING") { _ in [.init(.ping, eight)] },
            Flood(testDescription: "SETTINGS") { _ in [.init(.settings, [0, 3, 0, 0, 0, 100])] },
            Flood(testDescription: "acknowledged SETTINGS", codes: [1, 11]) { _ in
                [.init(.settings, 1)]
            },
            Flood(testDescription: "PRIORITY") { _ in
                [.init(.priority, stream: 7, [0, 0, 0, 1, 0])]
            },
            Flood(testDescription: "PRIORITY_UPDATE and the unknown") { _ in
                [.init(.unknown, 0, stream: 0, eight)]
            },
            Flood(
                testDescription: "empty DATA",
                opening: [.init(.headers, 4, stream: 1, post)]
            ) { _ in [.init(.data, 0, stream: 1, [])] },
            Flood(
                testDescription: "CONTINUATION",
                opening: [.init(.headers, 1, stream: 1, head)]
            ) { _ in [.init(.continuation, 0, stream: 1, [])] },
            Flood(testDescription: "WINDOW_UPDATE") { _ in
                [.init(.windowUpdate, stream: 0, [0, 0, 0, 1])]
            },
            Flood(
                testDescription: "a window that opens by single bytes",
                opening: [
                    .init(.settings, [0, 4, 0, 0, 0, 0]),
                    .init(.headers, 5, stream: 1, head),
                ]
            ) { _ in [.init(.windowUpdate, stream: 1, [0, 0, 0, 1])] },
        ]

        @Test func `A flood ends its own connection and disturbs nobody`() throws {
            let origin = try TestOrigin { request, connection in
                let count = request.target == "/flood" ? 100_000 : 4
                try connection.respond(body: [UInt8](repeating: 0x6F, count: count))
            }
            let gateway = try GatewayProcess(origin: origin)
            let neighbour = try gateway.connectHTTP2()
            for (index, flood) in Self.floods.enumerated() {
                let client = try gateway.connectHTTP2()
                client.widensWindows = false
                try client.wire.send(flood.opening.flatMap(\.bytes))
                Self.run(flood, on: client)
                // The connection ends by itself; what was said last is lost if the peer still writes then.
                let code = try client.end()
                let isExpected = code == nil || flood.codes.contains(code ?? 0)
                #expect(isExpected, "\(flood.testDescription): \(code ?? 0)")
                let other = try neighbour.exchange(UInt32(2 * index + 1), HTTP2Wire.get("/other"))
                #expect(other.text == "oooo", "\(flood.testDescription)")
            }
            #expect(origin.requests.count < 1000)
        }

        /// Sends until the gateway has had enough.
        private static func run(_ flood: Flood, on client: HTTP2Wire) {
            var round: UInt32 = 1
            var bytes: [UInt8] = []
            while round < 5000 {
                bytes += flood.frames(round).flatMap(\.bytes)
                round += 1
                guard round % 100 == 0 else { continue }
                guard let sent = try? client.wire.offer(bytes, for: .seconds(5)) else { return }
                guard sent == bytes.count else { return }
                bytes = []
            }
        }

        @Test(arguments: [(50, false), (150, true)])
        func `A header block may come in many frames, not in any number`(
            count: Int,
            isTooMany: Bool
        ) throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(origin: origin)
            let client = try gateway.connectHTTP2()
            var frames = HTTP2Frame(.headers, HTTP2Frame.endStream, stream: 1, []).bytes
            for index in 0..<count {
                let piece = index < Self.head.count ? [Self.head[index]] : []
                frames += HTTP2Frame(.continuation, stream: 1, piece).bytes
            }
            let rest = Array(Self.head.dropFirst(count))
            frames += HTTP2Frame(.continuation, HTTP2Frame.endHeaders, stream: 1, rest).bytes
            try client.wire.send(frames)
            if isTooMany {
                #expect(try client.end() == 11)
            } else {
                #expect(try client.response(on: 1).status == 200)
            }
        }

        @Test func `A window that stays shut costs its stream after the write time`() throws {
            let origin = try TestOrigin { _, connection in
                try connection.respond(body: [UInt8](repeating: 0x6F, count: 100_000))
            }
            let gateway = try GatewayProcess(origin: origin, further: "timeouts:\n  write: 300ms\n")
            let client = try gateway.connectHTTP2(settings: [(4, 0)])
            client.widensWindows = false
            try client.open(1, HTTP2Wire.get("/stalled"))
            let response = try client.response(on: 1)
            #expect(response.status == 200 && response.body.isEmpty)
            #expect(response.reset == 8)
        }

        @Test(arguments: [5_000, 60_000])
        func `Who takes nothing keeps no connection to a server`(size: Int) throws {
            let origin = try TestOrigin { _, connection in
                try connection.respond(body: [UInt8](repeating: 0x6F, count: size))
            }
            let gateway = try GatewayProcess(origin: origin, upstream: "    max_connections: 3\n")
            let stalled = try gateway.connectHTTP2(settings: [(4, 0)])
            stalled.widensWindows = false
            let streams = [1, 3, 5, 7, 9, 11] as [UInt32]
            for stream in streams {
                try stalled.open(stream, HTTP2Wire.get("/stalled"))
                #expect(try stalled.wait { stalled.responses[stream]?.status == 200 })
            }
            let client = try gateway.connectHTTP2()
            #expect(try client.exchange(1, HTTP2Wire.get("/")).body.count == size)
            // What was kept is whole.
            for stream in streams {
                try stalled.send(HTTP2Frame(.windowUpdate, stream: stream, HTTP2Frame.word(70_000)))
            }
            try stalled.send(HTTP2Frame(.windowUpdate, stream: 0, HTTP2Frame.word(500_000)))
            for stream in streams {
                #expect(try stalled.response(on: stream).body.count == size)
            }
        }

        @Test func `A head that trickles ends its connection after the head's time`() throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(origin: origin, further: "timeouts:\n  head: 300ms\n")
            let client = try gateway.connectHTTP2()
            try client.send(HTTP2Frame(.headers, 1, stream: 1, []))
            #expect(try client.end() == 1)
            let silent = try gateway.connect()
            try silent.send("PRI * HTTP/2.0\r\n\r\nSM")
            let answer = String(decoding: try silent.receiveToEnd(), as: UTF8.self)
            #expect(!answer.contains("200"))
        }

        @Test func `Heads that unpack to much are refused before they fill the memory`() throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(origin: origin)
            let client = try gateway.connectHTTP2(settings: [(4, 0)])
            // One entry of the dynamic table, and references to it: each byte stands for four thousand.
            let value = String(repeating: "v", count: 3900)
            let entry: [UInt8] = [0x40, 1, 0x78, 0x7F, 0xBD, 0x1D] + Array(value.utf8)
            let head = HTTP2Wire.block(HTTP2Wire.get())
            try client.send(HTTP2Frame(.headers, 5, stream: 1, head + entry))
            for stream in [UInt32(3), 5] {
                let references = [UInt8](repeating: 0xBE, count: 20)
                try client.send(HTTP2Frame(.headers, 5, stream: stream, head + references))
                let isAnswered = try client.wait { client.responses[stream]?.status == 431 }
                #expect(isAnswered)
            }
            // What nobody can have meant is not even answered.
            let references = [UInt8](repeating: 0xBE, count: 8_000)
            try client.send(HTTP2Frame(.headers, 5, stream: 7, head + references))
            #expect(try client.end() == 11)
            #expect(client.responses[7]?.status ?? 0 == 0)
            #expect(origin.requests.count <= 1)
        }

        @Test func `Streams beyond the limit are refused, whatever became of the earlier ones`()
            throws
        {
            let mayAnswer = Signal()
            let origin = try TestOrigin { _, connection in
                _ = mayAnswer.wait(within: .seconds(20))
                try connection.respond()
            }
            let gateway = try GatewayProcess(origin: origin, further: "limits:\n  streams: 4\n")
            let client = try gateway.connectHTTP2()
            #expect(try client.wait { client.settings[3] == 4 })
            for stream in [UInt32(1), 3, 5, 7, 9] { try client.open(stream, HTTP2Wire.get()) }
            let refused = try client.wait {
                client.responses[9]?.reset != nil || client.goAway != nil
            }
            #expect(refused)
            mayAnswer.raise()
        }

        @Test func `A client that gives up frees the server from its work`() throws {
            let gone = Signal()
            let origin = try TestOrigin { request, connection in
                guard request.target == "/slow" else { return try connection.respond() }
                // The gateway closes the connection when nobody wants the answer any more.
                _ = try? connection.wire.receiveSome()
                gone.raise()
            }
            let gateway = try GatewayProcess(origin: origin)
            let client = try gateway.connectHTTP2()
            try client.open(1, HTTP2Wire.get("/slow"))
            #expect(eventually { !origin.requests.isEmpty })
            try client.send(HTTP2Frame(.reset, stream: 1, [0, 0, 0, 8]))
            #expect(gone.wait(within: .seconds(10)))
            #expect(try client.exchange(3, HTTP2Wire.get("/next")).status == 200)
            #expect(gateway.logs("access.log", #""url.path":"/slow""#, "499"))
        }
    }
}
