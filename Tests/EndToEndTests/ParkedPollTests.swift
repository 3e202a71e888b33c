import Foundation
import Support
import Testing

extension Stories {
    /// Polls that are kept open until their turn, over both versions of HTTP: a room for two, and who is next.
    @Suite(.haniel)
    struct ParkedPollTests {
        private struct Sale {
            let gateway: GatewayProcess
            /// The cookies of somebody inside, and of who is next.
            let inside: String
            let next: String

            init(further: String = "", workers: Int = 1) throws {
                let origin = try TestOrigin { request, connection in
                    let isLast = request.target == "/sale/done"
                    try connection.respond(200, isLast ? [("Waiting-Room-Command", "revoke")] : [])
                }
                var setup = GatewayProcess.Setup(origins: [origin.port], keeping: [origin])
                setup.routes = "  - paths: [\"/sale/*\"]\n    proxy: origin\n    room: onsale\n"
                setup.further =
                    "rooms:\n  - {name: onsale, capacity: 2, rate: \"100/s\", session: 10m}\n"
                    + further
                setup.workers = workers
                gateway = try GatewayProcess(setup)
                inside = try Self.cookies(gateway.get("/sale/"))
                _ = try gateway.get("/sale/")
                next = try Self.cookies(gateway.get("/sale/"))
            }

            static func cookies(_ answer: WireMessage) -> String {
                answer.values(of: "set-cookie").compactMap {
                    $0.split(separator: ";").first.map(String.init)
                }.joined(separator: "; ")
            }

            /// What the room counts under a name.
            func figure(_ name: String) throws -> Int? {
                try gateway.figure("haniel_waiting_room_\(name)")
            }

            /// How many are parked, how many are inside, and how many parked polls ended that way.
            func parkedCount() throws -> Int? { try figure(#"parked{room="onsale"}"#) }
            func insideCount() throws -> Int? { try figure(#"inside{room="onsale"}"#) }
            func ended(_ way: String) throws -> Int? {
                try figure(#"events_total{room="onsale",kind="\#(way)"}"#)
            }

            func leave() throws {
                #expect(try gateway.get("/sale/done", ["Cookie: \(inside)"]).status == 200)
            }
        }

        /// The poll of who is next, on a connection of its own.
        private enum Poll {
            case one(Wire)
            case two(HTTP2Wire)

            init(_ sale: Sale, version: Int) throws {
                if version == 2 {
                    let wire = try sale.gateway.connectHTTP2()
                    try wire.open(1, HTTP2Wire.get("/.wr/status", [("cookie", sale.next)]))
                    self = .two(wire)
                } else {
                    let wire = try sale.gateway.connect()
                    try wire.send(GatewayProcess.get("/.wr/status", ["Cookie: \(sale.next)"]))
                    self = .one(wire)
                }
                #expect(try eventually { try sale.parkedCount() == 1 })
            }

            func answer() throws -> (text: String, date: String?) {
                switch self {
                case .one(let wire):
                    let answer = try wire.receiveResponse()
                    return (answer.text, answer["date"])
                case .two(let wire):
                    let answer = try wire.response(on: 1)
                    return (answer.text, answer["date"])
                }
            }

            func giveUp() throws {
                switch self {
                case .one(let wire): wire.close()
                case .two(let wire):
                    try wire.send(HTTP2Frame(.reset, 0, stream: 1, HTTP2Frame.word(8)))
                }
            }
        }

        @Test(arguments: [1, 2])
        func `A poll near the head is answered when the turn comes`(version: Int) throws {
            let sale = try Sale()
            let poll = try Poll(sale, version: version)
            try sale.leave()
            #expect(try poll.answer().text.contains("\"state\":\"admitted\""))
            #expect(try sale.ended("parked_turns") == 1, "not with the poll's time")
            #expect(try sale.parkedCount() == 0)
            #expect(try sale.insideCount() == 2)
        }

        @Test(arguments: [1, 2])
        func `Whoever gives the poll up takes no turn`(version: Int) throws {
            let sale = try Sale()
            let poll = try Poll(sale, version: version)
            try poll.giveUp()
            #expect(try eventually { try sale.parkedCount() == 0 })
            #expect(try sale.ended("parked_gone") == 1, "not with the poll's time")
            try sale.leave()
            #expect(try eventually { try sale.insideCount() == 1 })
            pause(.milliseconds(500))
            #expect(try sale.insideCount() == 1)
            let again = try sale.gateway.get("/.wr/status", ["Cookie: \(sale.next)"])
            #expect(again.text.contains("\"state\":\"admitted\""))
        }

        @Test(arguments: [1, 2])
        func `A poll that was kept open bears the date of its answer`(version: Int) throws {
            let sale = try Sale()
            let poll = try Poll(sale, version: version)
            let asked = Date()
            #expect(eventually { Date().timeIntervalSince(asked) > 2 })
            // Nobody else asks anything of that worker.
            sale.gateway.process.send(SIGTERM)
            let told = try #require(try poll.answer().date)
            let date = try Date(told, strategy: Self.httpDate)
            #expect(date.timeIntervalSince(asked) > 0.9)
        }

        private static let httpDate = Date.ParseStrategy(
            format: """
                \(weekday: .abbreviated), \(day: .twoDigits) \(month: .abbreviated) \(year: .defaultDigits) \
                \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\
                \(second: .twoDigits) GMT
                """,
            locale: Locale(identifier: "en_US_POSIX"),
            timeZone: .gmt
        )

        @Test(arguments: [1, 4])
        func `Whoever has all connections in parked polls is answered on further ones, too`(
            workers: Int
        ) throws {
            let sale = try Sale(
                further: "limits:\n  connections_per_client: 6\n",
                workers: workers
            )
            let start = Date()
            // More than one address may have: each further connection ends the wait of another.
            let polls = try (0..<8).map { _ in
                let cookies = Sale.cookies(try sale.gateway.get("/sale/"))
                let wire = try sale.gateway.connect()
                try wire.send(GatewayProcess.get("/.wr/status", ["Cookie: \(cookies)"]))
                return wire
            }
            for poll in polls {
                #expect(try poll.receiveResponse().text.contains("\"state\":\"queued\""))
            }
            #expect(Date().timeIntervalSince(start) < 15)
        }

        @Test(arguments: [1, 2])
        func `A gateway that stops answers its parked polls at once`(version: Int) throws {
            let sale = try Sale()
            let poll = try Poll(sale, version: version)
            let start = Date()
            sale.gateway.process.send(SIGTERM)
            #expect(try poll.answer().text.contains("\"state\":\"queued\""))
            #expect(
                Date().timeIntervalSince(start) < 8,
                "a poll that nobody ends takes eight seconds"
            )
        }
    }
}
