import Foundation
import Glibc
import Support
import Testing

extension Stories {
    /// What section by section programs may rely on, over real sockets.
    @Suite(.haniel)
    struct RoomContractTests {
        /// A room for one that is taken, so that everybody else waits.
        private static func full(_ further: String = "", lead: String = "") throws -> (
            gateway: GatewayProcess, origin: TestOrigin, inside: String
        ) {
            let scene = try room("capacity: 1, rate: \"100/s\", session: 10m\(further)", lead: lead)
            let first = try scene.gateway.get("/sale/")
            try #require(first.status == 200)
            return (scene.gateway, scene.origin, cookies(first))
        }

        private static func room(_ keys: String, lead: String = "") throws -> (
            gateway: GatewayProcess, origin: TestOrigin
        ) {
            let origin = try TestOrigin { request, connection in
                let fields =
                    request.target.hasPrefix("/sale/last")
                    ? [("Waiting-Room-Inventory", "remaining=0, per_visitor=2.4")] : []
                try connection.respond(200, fields)
            }
            let gateway = try GatewayProcess(
                origin: origin,
                routes: "  - proxy: origin\n",
                further: "\(lead)\nrooms:\n  - {name: onsale, paths: [\"/sale/*\"], \(keys)}\n"
            )
            return (gateway, origin)
        }

        static func cookies(_ answer: WireMessage) -> String {
            let pairs = answer.values(of: "set-cookie").compactMap {
                $0.split(separator: ";").first.map(String.init)
            }
            return "Cookie: " + pairs.joined(separator: "; ")
        }

        static func send(
            _ gateway: GatewayProcess,
            _ line: String,
            _ fields: [String] = []
        ) throws -> WireMessage {
            let head = ([line + " HTTP/1.1", "Host: localhost"] + fields).joined(separator: "\r\n")
            let method = String(line.prefix { $0 != " " })
            return try gateway.send(head + "\r\n\r\n", method: method)
        }

        private static func status(_ gateway: GatewayProcess, _ cookies: String) throws -> String {
            try gateway.get("/.wr/status", [cookies])["waiting-room"] ?? ""
        }

        @Test(arguments: [
            "GET /sale/", "HEAD /sale/", "PUT /sale/x", "DELETE /sale/", "OPTIONS /sale/",
            "GET /sale/?a=b", "GET /x/../sale/", "GET /%73ale/", "GET /sale/%2e%2e/sale/",
        ])
        func `Whatever the method and the spelling, nobody passes without a turn`(line: String)
            throws
        {
            let (gateway, origin, _) = try Self.full()
            let answer = try Self.send(gateway, line)
            #expect(answer.status == 503)
            #expect(answer["waiting-room"]?.hasPrefix("state=queued, ticket=2, ahead=0") == true)
            #expect(answer["retry-after"] == "1")
            #expect(answer["cache-control"] == "no-store")
            #expect(answer["vary"] == "Accept, Cookie")
            #expect(origin.requests.count == 1)
        }

        @Test func `An upgrade waits like everybody else, and a preflight takes no place`() throws {
            let (gateway, origin, _) = try Self.full(", origins: [\"https://shop.example\"]")
            let upgrade = [
                "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
            ]
            #expect(try gateway.get("/sale/", upgrade).status == 503)
            let ask = [
                "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: x-a",
            ]
            let known = try Self.send(
                gateway,
                "OPTIONS /sale/",
                ask + ["Origin: https://shop.example"]
            )
            #expect(known.status == 204)
            #expect(known["access-control-allow-origin"] == "https://shop.example")
            #expect(known["access-control-allow-headers"] == "x-a")
            #expect(known["set-cookie"] == nil)
            let other = try Self.send(gateway, "OPTIONS /sale/", ask + ["Origin: https://other"])
            #expect(other.status == 204)
            #expect(other["access-control-allow-origin"] == nil)
            #expect(try gateway.get("/sale/")["waiting-room"]?.contains("ticket=3") == true)
            #expect(origin.requests.count == 1)
        }

        @Test func `An app may send its ticket as a field, and leaving is for the same site`()
            throws
        {
            let (gateway, _, inside) = try Self.full()
            let answer = try gateway.get("/sale/", ["Accept: application/json"])
            let ticket = Self.cookies(answer).dropFirst("Cookie: wr=".count)
            let field = ["Waiting-Room-Ticket: \(ticket)", "Accept: application/json"]
            #expect(try gateway.get("/sale/", field)["waiting-room"]?.contains("ticket=2") == true)
            let leave = "POST /.wr/leave"
            let length = "Content-Length: 0"
            for stranger in ["Sec-Fetch-Site: cross-site", "Origin: https://evil.example"] {
                #expect(try Self.send(gateway, leave, [inside, length, stranger]).status == 403)
            }
            #expect(try Self.send(gateway, "GET /.wr/leave", [inside]).status == 405)
            for _ in 0..<2 {
                let left = try Self.send(
                    gateway,
                    leave,
                    [inside, length, "Sec-Fetch-Site: same-origin"]
                )
                #expect(left.status == 204)
            }
            #expect(try eventually { try gateway.get("/sale/", field).status == 200 })
        }

        @Test func `Somebody without scripts leaves the line from page to page`() throws {
            let (gateway, _, _) = try Self.full()
            let html = "Accept: text/html"
            let place = Self.cookies(try gateway.get("/sale/", [html]))
            let leave = "/.wr/leave?page=1&room=onsale"
            let asked = try gateway.get(leave, [place, html])
            #expect(asked.status == 200 && asked["set-cookie"] == nil)
            let still = try gateway.get("/sale/", [place, html])
            #expect(still["waiting-room"]?.contains("ticket=2") == true, "a link leaves nothing")
            let foreign = [place, html, "Content-Length: 0", "Sec-Fetch-Site: cross-site"]
            #expect(try Self.send(gateway, "POST \(leave)&place=1", foreign).status == 403)
            let own = [place, html, "Content-Length: 0", "Sec-Fetch-Site: same-origin"]
            let left = try Self.send(gateway, "POST \(leave)&place=1", own)
            #expect(left.status == 200)
            #expect(left["content-type"] == "text/html; charset=utf-8")
            #expect(left["set-cookie"]?.contains("Max-Age=0") == true)
            #expect(left.text.contains("You have left the line"))
        }

        @Test func `A link to a code moves no place, the page behind it does`() throws {
            let (gateway, _, _) = try Self.full()
            let json = "Accept: application/json"
            let place = Self.cookies(try gateway.get("/sale/"))
            let length = "Content-Length: 0"
            let offer = try Self.send(gateway, "POST /.wr/move", [place, json, length])
            let code = try #require(Self.member("code", of: offer.text))
            for _ in 0..<2 {
                let page = try gateway.get("/.wr/move?room=onsale&code=\(code)")
                #expect(page.status == 200)
                #expect(page["set-cookie"] == nil)
                #expect(page.text.contains("method=\"post\""))
            }
            let take = "POST /.wr/move?room=onsale&code=\(code)"
            let stranger = "Sec-Fetch-Site: cross-site"
            #expect(try Self.send(gateway, take, [json, length, stranger]).status == 403)
            let taken = try Self.send(gateway, take, [length])
            #expect(taken.status == 303)
            #expect(taken["location"] == "/sale/")
            #expect(try Self.status(gateway, Self.cookies(taken)).contains("ticket=2"))
        }

        @Test func `A gateway that is killed knows tickets and guests again by a secret it drew`()
            throws
        {
            let folder = try TemporaryFolder()
            let (gateway, _, inside) = try Self.full(lead: "state: \(folder.path)")
            let place = Self.cookies(try gateway.get("/sale/"))
            gateway.process.send(SIGKILL)
            _ = gateway.process.waitForEnd(within: .seconds(60))
            try gateway.restart()
            #expect(try gateway.get("/sale/", [inside]).status == 200)
            #expect(try Self.status(gateway, place).contains("ticket=2"))
            #expect(try gateway.get("/sale/")["waiting-room"]?.contains("ticket=3") == true)
        }

        @Test func `The status is asked and answered whatever the limits of the routes`() throws {
            let (gateway, origin, _) = try Self.full()
            let place = Self.cookies(try gateway.get("/sale/"))
            // The one poll of a place that may be kept open.
            let parked = try gateway.connect()
            try parked.send(GatewayProcess.get("/.wr/status", [place]))
            for _ in 0..<60 {
                let poll = try gateway.get("/.wr/status", [place])
                #expect(poll.status == 200)
                #expect(poll["cache-control"] == "no-store")
                #expect(poll["set-cookie"] == nil)
            }
            #expect(try gateway.get("/.wr/status").status == 200)
            #expect(try gateway.get("/.wr/status?room=other").status == 404)
            #expect(try gateway.get("/.wr/pulse/onsale")["cache-control"] == "max-age=1")
            #expect(origin.requests.count == 1)
        }

        @Test func `Before the opening visitors register, and the order is drawn as was promised`()
            throws
        {
            let json = "Accept: application/json"
            let (gateway, origin, early) = try Self.early(json)
            for answer in early {
                #expect(answer.status == 503)
                #expect(answer["waiting-room"]?.hasPrefix("state=prequeue, poll=") == true)
                #expect(!answer.text.contains("ticket"))
            }
            let pulse = try gateway.get("/.wr/pulse/onsale").text
            let promised = try #require(Self.member("seed_sha256", of: pulse))
            #expect(early[0].text.contains(promised))
            #expect(origin.requests.isEmpty)
            var numbers: [Int] = []
            let isOpen = try eventually(within: .seconds(90)) {
                numbers = try early.compactMap {
                    let answer = try gateway.get("/sale/", [Self.cookies($0), json])
                    if answer.status == 200 { return 1 }
                    return Self.member("ticket", of: answer.text).flatMap { Int($0) }
                }
                return numbers.count == 5
            }
            #expect(isOpen)
            #expect(numbers.sorted() == [1, 2, 3, 4, 5])
            #expect(try gateway.get("/sale/")["waiting-room"]?.contains("ticket=6") == true)
            let seed = try #require(
                Self.member("seed", of: try gateway.get("/.wr/pulse/onsale").text)
            )
            #expect(try Self.sha256(hex: seed) == promised)
        }

        /// A room that opens within seconds, and what five are told before it does. On a machine that is too busy to
        /// ask in time the opening is further away.
        private static func early(_ field: String) throws -> (
            gateway: GatewayProcess, origin: TestOrigin, answers: [WireMessage]
        ) {
            for lead in [4, 16, 64] as [TimeInterval] {
                let opens = Date(timeIntervalSinceNow: lead)
                let text = opens.formatted(.iso8601)
                let (gateway, origin) = try room(
                    "capacity: 1, rate: \"100/s\", order: random, opens_at: \"\(text)\""
                )
                let answers = try (0..<5).map { _ in try gateway.get("/sale/", [field]) }
                // What is written has no fractions of a second.
                if Date() < opens.addingTimeInterval(-1) { return (gateway, origin, answers) }
            }
            throw WireError.timedOut(received: "the opening")
        }

        @Test func `Polls are never counted against a rate limit, however tight it is`() throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(
                origin: origin,
                routes: "  - proxy: origin\n    limits: [tight]\n",
                further: """
                    rate_limits:
                      - {name: tight, rate: 2/h}
                    rooms:
                      - {name: onsale, paths: ["/sale/*"], capacity: 1, session: 10m}
                    """
            )
            #expect(try gateway.get("/sale/").status == 200)
            let place = Self.cookies(try gateway.get("/sale/"))
            #expect(try gateway.get("/sale/").status == 429)
            // The one poll of a place that may be kept open.
            let parked = try gateway.connect()
            try parked.send(GatewayProcess.get("/.wr/status", [place]))
            for _ in 0..<20 {
                let told = try gateway.get("/.wr/status", [place])
                #expect(told.status == 200)
                #expect(told["waiting-room"]?.contains("state=queued, ticket=2, ahead=0") == true)
            }
        }

        @Test
        func
            `A client that takes place after place is asked to come back later, and keeps what it has`()
            throws
        {
            let (gateway, _, inside) = try Self.full(", places_per_client: 2/h")
            let second = try gateway.get("/sale/")
            #expect(second["waiting-room"]?.contains("state=queued, ticket=2") == true)
            let third = try gateway.get("/sale/", ["Accept: application/json"])
            #expect(third.status == 503)
            #expect(third.text.contains("\"state\":\"full\""))
            #expect(third.text.contains("\"reason\":\"too-many-places\""))
            #expect(third["retry-after"].flatMap(Int.init) ?? 0 > 1_000)
            #expect(third.values(of: "set-cookie").isEmpty)
            #expect(try Self.status(gateway, Self.cookies(second)).contains("ticket=2, ahead=0"))
            #expect(try gateway.get("/sale/", [inside]).status == 200)
        }

        @Test func `Whoever shares an address with many lets others go first, and keeps the place`()
            throws
        {
            let lead = "client_address: {trusted: [127.0.0.0/8]}"
            let keys = "capacity: 1, rate: \"100/s\", session: 10m, client_percent: 10"
            let (gateway, _) = try Self.room(keys, lead: lead)
            func visit(_ address: String, _ cookies: String? = nil) throws -> WireMessage {
                let fields = ["X-Forwarded-For: \(address)", "Accept: application/json"]
                return try gateway.get("/sale/", fields + (cookies.map { [$0] } ?? []))
            }
            let inside = Self.cookies(try visit("192.0.2.1"))
            let second = Self.cookies(try visit("192.0.2.1"))
            let third = Self.cookies(try visit("198.51.100.7"))
            let fourth = Self.cookies(try visit("198.51.100.8"))
            #expect(try Self.send(gateway, "POST /.wr/leave", [inside]).status == 204)
            let isHeld = try eventually {
                try visit("192.0.2.1", second).text.contains("\"reason\":\"held-back\"")
            }
            #expect(isHeld)
            var next = third
            let isIn = try eventually {
                let answer = try visit("198.51.100.7", third)
                if answer.status == 200 { next = Self.cookies(answer) }
                return answer.status == 200
            }
            #expect(isIn)
            let told = try visit("192.0.2.1", second)
            #expect(told["waiting-room"]?.contains("ticket=2, ahead=0") == true)
            #expect(gateway.logs("output", "places are held back"))
            #expect(try Self.send(gateway, "POST /.wr/leave", [next]).status == 204)
            #expect(try eventually { try visit("198.51.100.8", fourth).status == 200 })
        }

        @Test func `A room asks for work while people wait, and only of them`() throws {
            let further = ", challenge: true, challenge_bits: 8, challenge_bits_most: 8"
            let (gateway, _, inside) = try Self.full(further)
            #expect(try gateway.get("/sale/", [inside]).status == 200)
            let told = try gateway.get("/sale/", ["Accept: application/json"])
            let start = try #require(told.text.firstRange(of: "\"puzzle\":\""))
            let puzzle = told.text[start.upperBound...].prefix { $0 != "\"" }
            let place = Self.cookies(told)
            let path = "POST /.wr/proof?room=onsale&nonce="
            let foreign = try Self.send(gateway, path + "1", [place, "Sec-Fetch-Site: cross-site"])
            #expect(foreign.status == 403)
            #expect(puzzle.count == 22)
            var proven: WireMessage?
            // One number in 256 does; wrong ones are told so and cost nothing else.
            for number in 0..<5_000 where proven == nil {
                let answer = try Self.send(gateway, path + "\(number)", [place])
                if answer.status == 200 { proven = answer }
            }
            let fields = try #require(proven)
            #expect(fields["waiting-room"]?.contains("state=queued, ticket=2, ahead=0") == true)
            let page = try gateway.get("/.wr/proof?room=onsale", [place])
            #expect(page.status == 200 && page.text.contains("<form method=\"get\""))
            #expect(try Self.send(gateway, "POST /.wr/leave", [inside]).status == 204)
            let isAsked = try eventually {
                try Self.status(gateway, place).hasPrefix("state=challenge, ticket=2, ahead=0")
            }
            #expect(isAsked)
            #expect(try gateway.get("/sale/", [place]).status == 403)
            #expect(try gateway.get("/sale/", [Self.cookies(fields)]).status == 200)
        }

        @Test func `A room that asks for no work has no place to show it`() throws {
            let (gateway, _, _) = try Self.full()
            #expect(try gateway.get("/.wr/proof?room=onsale").status == 404)
        }

        @Test func `A killed gateway goes on where it was: same places, same people inside`() throws {
            let folder = try TemporaryFolder()
            try folder.write(String(repeating: "s", count: 40), to: "signing.key")
            let lead = "signing_secret: \"\(folder.file("signing.key"))\""
            let (gateway, origin, inside) = try Self.full(lead: lead)
            let places = try (0..<3).map { _ in Self.cookies(try gateway.get("/sale/")) }
            // The record is written each second; what a killed process had not written costs numbers, not places.
            #expect(
                eventually {
                    FileManager.default.fileExists(atPath: folder.file("room-onsale.state"))
                }
            )
            gateway.process.send(SIGKILL)
            _ = gateway.process.waitForEnd(within: .seconds(60))
            try gateway.restart()
            #expect(try gateway.get("/sale/", [inside]).status == 200)
            for (index, place) in places.enumerated() {
                let told = try Self.status(gateway, place)
                #expect(told.contains("ticket=\(index + 2), ahead=\(index)"))
            }
            let newcomer = try gateway.get("/sale/")["waiting-room"] ?? ""
            #expect(newcomer.contains("ahead=3,"))
            #expect(origin.requests.count == 2)
        }

        @Test func `An operator pauses, changes and opens a room, and what is wrong is told`()
            throws
        {
            let (gateway, _, inside) = try Self.full()
            let place = Self.cookies(try gateway.get("/sale/"))
            let binary = try #require(Product.haniel.path)
            func haniel(_ words: String...) throws -> Tool.Output {
                let admin = ["--admin", "127.0.0.1:\(gateway.adminPort)", "--as", "tests"]
                return try Tool.run(binary, ["room"] + words + admin)
            }
            #expect(try haniel("pause", "onsale").status == 0)
            #expect(try Self.status(gateway, place).hasPrefix("state=paused, ticket=2, ahead=0"))
            #expect(try gateway.get("/sale/", [inside]).status == 200)
            #expect(try haniel("set", "onsale", "capacity=0").status != 0)
            #expect(try haniel("set", "nowhere", "capacity=1").status != 0)
            #expect(try haniel("set", "onsale", "mode=auto", "capacity=2").status == 0)
            #expect(try eventually { try Self.status(gateway, place).hasPrefix("state=admitted") })
            #expect(try haniel("list").text.contains("onsale"))
            #expect(gateway.logs("output", "a room was changed", "tests", "capacity=2"))
            let invitation = try haniel("invite", "onsale").text.split(separator: "\n").first ?? ""
            for _ in 0..<3 { _ = try gateway.get("/sale/") }
            let invited = try gateway.get("/sale/?wr_invite=\(invitation)")
            #expect(invited["waiting-room"]?.contains("ahead=0,") == true)
            // No page of another site may do it.
            let post = "POST /rooms/onsale?mode=pass HTTP/1.1\r\nHost: x\r\n\r\n"
            let wire = try Loopback.connect(port: gateway.adminPort)
            try wire.send(post)
            #expect(try wire.receiveResponse(to: "POST").status == 403)
        }

        @Test func `Sold out is told to those who wait, and ends their wait`() throws {
            let (gateway, _, inside) = try Self.full()
            let place = Self.cookies(try gateway.get("/sale/"))
            let last = try gateway.get("/sale/last", [inside])
            #expect(last.status == 200)
            #expect(last["waiting-room-inventory"] == nil)
            #expect(try Self.status(gateway, place) == "state=full, room=\"onsale\"")
            let answer = try gateway.get("/sale/", ["Accept: application/json"])
            #expect(answer["retry-after"] == nil)
            #expect(answer.text.contains("\"reason\":\"sold-out\""))
            #expect(try gateway.get("/sale/", [inside]).status == 200)
        }

        @Test(arguments: [
            ("maintenance", "state=paused, poll=30", 503), ("reject", "state=full", 503),
            ("pause", "state=paused, ticket=1, ahead=0, poll=5", 503),
            ("queue-all", "state=queued, ticket=1, ahead=0", 503),
            ("drain", "state=full", 503), ("pass", "", 200),
        ])
        func `Each mode tells newcomers what is the case`(mode: String, told: String, status: Int)
            throws
        {
            let (gateway, _) = try Self.room("capacity: 1, mode: \(mode)")
            // The mode of the configuration is in force before the first request.
            let answer = try gateway.get("/sale/")
            #expect(answer.status == status)
            #expect((answer["waiting-room"] ?? "").hasPrefix(told))
        }

        /// The value of a member of a flat JSON object.
        private static func member(_ name: String, of json: String) -> String? {
            guard let start = json.firstRange(of: "\"\(name)\":") else { return nil }
            return json[start.upperBound...].drop { $0 == "\"" }
                .prefix { $0.isLetter || $0.isNumber }.description
        }

        private static func sha256(hex: String) throws -> String {
            let text = "printf '%s' \(hex) | xxd -r -p | sha256sum"
            return String(try Tool.run("sh", ["-c", text]).text.prefix(64))
        }
    }
}
