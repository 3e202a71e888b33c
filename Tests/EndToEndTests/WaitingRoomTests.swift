import Support
import Testing

extension Stories {
    /// A room for two, seen by its third visitor.
    @Suite(.haniel)
    struct WaitingRoomTests {
        private static func gateway(session: String = "10m") throws -> (GatewayProcess, TestOrigin) {
            let origin = try TestOrigin { request, connection in
                let isLast = request.target == "/sale/done"
                try connection.respond(200, isLast ? [("Waiting-Room-Command", "revoke")] : [])
            }
            let gateway = try GatewayProcess(
                origin: origin,
                routes:
                    "  - paths: [\"/sale/*\"]\n    proxy: origin\n    room: onsale\n  - proxy: origin\n",
                further:
                    "rooms:\n  - {name: onsale, capacity: 2, rate: \"100/s\", session: \(session)}\n"
            )
            return (gateway, origin)
        }

        /// Name and value of each cookie that an answer sets.
        private static func cookies(_ answer: WireMessage) -> [String] {
            answer.values(of: "set-cookie").compactMap {
                $0.split(separator: ";").first.map(String.init)
            }
        }

        private static func visit(
            _ gateway: GatewayProcess,
            _ target: String,
            _ cookies: [String] = []
        ) throws
            -> WireMessage
        {
            try gateway.get(
                target,
                cookies.isEmpty ? [] : ["Cookie: \(cookies.joined(separator: "; "))"]
            )
        }

        @Test func `Two come in, the third waits with a place, and enters when one leaves`() throws {
            let (gateway, origin) = try Self.gateway()
            let first = try Self.visit(gateway, "/sale/")
            let second = try Self.visit(gateway, "/sale/")
            #expect([first.status, second.status] == [200, 200])
            let third = try Self.visit(gateway, "/sale/")
            #expect(third.status == 503)
            #expect(third["waiting-room"]?.contains("state=queued") == true)
            #expect(third["cache-control"] == "no-store")
            #expect(third["retry-after"].flatMap(Int.init) ?? 0 > 0)
            #expect(origin.requests.count == 2)

            let place = Self.cookies(third)
            let poll = try Self.visit(gateway, "/.wr/status", place)
            #expect(poll.status == 200)
            #expect(poll.text.contains("\"state\":\"queued\""))
            #expect(poll.text.contains("\"ahead\":0"))

            #expect(try Self.visit(gateway, "/sale/done", Self.cookies(first)).status == 200)
            #expect(try eventually { try Self.visit(gateway, "/sale/", place).status == 200 })
        }

        @Test func `Without the cookie a visitor does not get in while others wait`() throws {
            let (gateway, origin) = try Self.gateway()
            for _ in 0..<2 { #expect(try Self.visit(gateway, "/sale/").status == 200) }
            for target in ["/sale/", "/x/../sale/", "/%73ale/", "/sale/?a"] {
                #expect(try Self.visit(gateway, target).status == 503)
            }
            let forged = [
                "X-Waiting-Room-Session: abc",
                "Cookie: wrs=v1.onsale.forged; __Host-wrs=v1.onsale.forged",
            ]
            #expect(try gateway.get("/sale/", forged).status == 503)
            #expect(origin.requests.count == 2)
        }

        @Test func `Other paths are not in the room`() throws {
            let (gateway, _) = try Self.gateway()
            for _ in 0..<2 { #expect(try Self.visit(gateway, "/sale/").status == 200) }
            #expect(try Self.visit(gateway, "/about").status == 200)
            #expect(try Self.visit(gateway, "/.wr/unknown").status == 404)
        }

        @Test
        func
            `A visitor who is inside stays inside, and the origin learns the session and no ticket`()
            throws
        {
            let (gateway, origin) = try Self.gateway()
            let first = try Self.visit(gateway, "/sale/")
            for _ in 0..<5 {
                #expect(try Self.visit(gateway, "/sale/seat", Self.cookies(first)).status == 200)
            }
            let sessions = Set(origin.requests.compactMap { $0["x-waiting-room-session"] })
            #expect(sessions.count == 1)
            #expect(!origin.requests.contains { $0["cookie"]?.contains("wrs") == true })
        }

        @Test func `A silent visitor's slot is free when the session is over`() throws {
            let (gateway, _) = try Self.gateway(session: "2s")
            for _ in 0..<2 { #expect(try Self.visit(gateway, "/sale/").status == 200) }
            let place = Self.cookies(try Self.visit(gateway, "/sale/"))
            #expect(
                try eventually(within: .seconds(15)) {
                    try Self.visit(gateway, "/sale/", place).status == 200
                }
            )
        }

        @Test func `A program gets JSON, a person gets a page`() throws {
            let (gateway, _) = try Self.gateway()
            for _ in 0..<2 { #expect(try Self.visit(gateway, "/sale/").status == 200) }
            let program = try gateway.get("/sale/", ["Accept: application/json"])
            #expect(program["content-type"]?.hasPrefix("application/json") == true)
            let person = try gateway.get(
                "/sale/",
                ["Accept: text/html,*/*;q=0.8", "Sec-Fetch-Mode: navigate"]
            )
            #expect(person["content-type"]?.hasPrefix("text/html") == true)
            #expect(person.text.contains("http-equiv=\"refresh\""))
        }
    }
}
