import Foundation
import Support
import Testing

extension Stories {
    /// What apps, pages of other origins and visitors of several rooms rely on, over real sockets.
    @Suite(.haniel)
    struct RoomAppTests {
        private static let json = "Accept: application/json"
        private static let origin = "Origin: https://shop.example"

        private static func gateway(_ rooms: String, _ fields: [(String, String)] = []) throws
            -> (gateway: GatewayProcess, origin: TestOrigin)
        {
            let origin = try TestOrigin { _, connection in try connection.respond(200, fields) }
            let gateway = try GatewayProcess(
                origin: origin,
                routes: "  - proxy: origin\n",
                further: "\nrooms:\n\(rooms)\n"
            )
            return (gateway, origin)
        }

        private static func room(_ keys: String = "") -> String {
            "  - {name: onsale, paths: [\"/sale/*\"], capacity: 1, rate: \"100/s\", session: 10m\(keys)}"
        }

        private static let other =
            "  - {name: other, paths: [\"/other/*\"], capacity: 100, session: 10m}"

        /// Waits until newcomers of that path are given that cookie; nil if they never are.
        private static func newcomer(_ gateway: GatewayProcess, _ path: String, gets name: String)
            throws -> String?
        {
            var cookies = ""
            let isGiven = try eventually {
                cookies = RoomContractTests.cookies(try gateway.get(path))
                return cookies.hasPrefix("Cookie: \(name)=v1.")
            }
            return isGiven ? cookies : nil
        }

        private static func ticket(_ gateway: GatewayProcess, _ path: String, _ cookies: String)
            throws -> String?
        {
            let told = try gateway.get(path, [cookies])["waiting-room"] ?? ""
            return told.firstRange(of: "ticket=").map { start in
                String(told[start.upperBound...].prefix { $0.isNumber })
            }
        }

        /// The cookies as they are called while the room is not the first of its host.
        private static func named(_ cookies: String) -> String {
            cookies.replacing("wr=", with: "wr_onsale=").replacing("wrs=", with: "wrs_onsale=")
        }

        /// What a browser with these cookies has after the answer.
        private static func kept(_ cookies: String, _ answer: WireMessage) -> String {
            let set = answer.values(of: "set-cookie").map { String($0.prefix { $0 != ";" }) }
            let names = set.map { $0.prefix { $0 != "=" } + "=" }
            let old = cookies.dropFirst("Cookie: ".count).split(separator: "; ").filter { pair in
                !names.contains { pair.hasPrefix($0) }
            }
            return "Cookie: "
                + (old.map(String.init) + set.filter { !$0.hasSuffix("=") })
                .joined(separator: "; ")
        }

        /// The room alone, as the first and as the second of its host.
        private static let orders = [room(), room() + "\n" + other, other + "\n" + room()]

        @Test(arguments: [
            [0, 2, 1, 2], [0, 1, 0, 2], [2, 0, 2, 1], [2, 1, 0, 2], [1, 2, 1, 0],
        ])
        func `Reloads that add, move and remove rooms lose no place, whatever else is visited`(
            _ course: [Int]
        ) throws {
            let rooms = course.map { Self.orders[$0] }
            let (gateway, _) = try Self.gateway(rooms[0])
            var inside = RoomContractTests.cookies(try gateway.get("/sale/"))
            var place = RoomContractTests.cookies(try gateway.get("/sale/"))
            let name = course[0] == 2 ? "wr_onsale" : "wr"
            #expect(place.hasPrefix("Cookie: \(name)=v1.onsale."))
            for (old, new) in zip(rooms, rooms.dropFirst()) {
                try gateway.reload { $0.replacing(old, with: new) }
                let hasOther = new != Self.orders[0]
                let name = !hasOther || new == Self.orders[2] ? "wrs" : "wrs_other"
                let isNew = try Self.newcomer(
                    gateway,
                    hasOther ? "/other/" : "/sale/",
                    gets: hasOther ? name : "wr"
                )
                _ = try #require(isNew)
                for cookies in [inside, place] where hasOther {
                    let kept = Self.kept(cookies, try gateway.get("/other/", [cookies]))
                    #expect(kept.contains("v1.other."))
                    if cookies == inside { inside = kept } else { place = kept }
                }
                #expect(try gateway.get("/sale/", [inside]).status == 200)
                #expect(try Self.ticket(gateway, "/.wr/status?room=onsale", place) == "2")
                guard hasOther else { continue }
                let elsewhere = try gateway.get("/.wr/status?room=other", [place]).text
                #expect(elsewhere.contains("\"state\":\"admitted\""))
            }
        }

        @Test func `Whoever leaves is left nothing under either name, and other rooms keep theirs`()
            throws
        {
            let (gateway, _) = try Self.gateway(Self.orders[0])
            let inside = RoomContractTests.cookies(try gateway.get("/sale/"))
            let place = Self.named(RoomContractTests.cookies(try gateway.get("/sale/")))
            try gateway.reload { $0.replacing(Self.orders[0], with: Self.orders[2]) }
            let other = try #require(try Self.newcomer(gateway, "/other/", gets: "wrs"))
                .dropFirst("Cookie: ".count)
            let leave = "POST /.wr/leave?room=onsale"
            let both = "\(inside); \(Self.named(inside).dropFirst("Cookie: ".count))"
            let left = try RoomContractTests.send(gateway, leave, [both, "Content-Length: 0"])
            #expect(left.status == 204)
            let cleared = left.values(of: "set-cookie").map { $0.prefix { $0 != ";" } }
            #expect(Set(cleared) == ["wrs=", "wr=", "wr_onsale=", "wrs_onsale="])
            var given: [String] = []
            let isIn = try eventually {
                let answer = try gateway.get("/sale/", [place + "; " + other])
                given = answer.values(of: "set-cookie")
                return answer.status == 200
            }
            #expect(isIn)
            #expect(given.count == 1)
            #expect(given.first?.hasPrefix("wrs_onsale=v1.") == true)
        }

        @Test func `Rooms of different hosts all have the plain names`() throws {
            let rooms = ["a", "b", "b"].enumerated().map { index, host in
                "  - {name: r\(index), hosts: [\(host).example], paths: [\"/\(index)/*\"], capacity: 1}"
            }
            let (gateway, _) = try Self.gateway(rooms.joined(separator: "\n"))
            let expected = ["wrs=", "wrs=", "wrs_r2="]
            for (index, host) in ["a", "b", "b"].enumerated() {
                let head = "GET /\(index)/ HTTP/1.1\r\nHost: \(host).example\r\n\r\n"
                let answer = try gateway.send(head, method: "GET")
                #expect(answer.status == 200)
                #expect(answer["set-cookie"]?.hasPrefix(expected[index]) == true)
            }
        }

        @Test func `What the backend ends is taken away under every name`() throws {
            let origin = try TestOrigin { request, connection in
                let isLast = request.target == "/sale/done"
                try connection.respond(200, isLast ? [("Waiting-Room-Command", "revoke")] : [])
            }
            let gateway = try GatewayProcess(
                origin: origin,
                routes: "  - proxy: origin\n",
                further: "\nrooms:\n\(Self.room())\n"
            )
            let inside = RoomContractTests.cookies(try gateway.get("/sale/"))
            let named = Self.named(inside).dropFirst("Cookie: ".count)
            let ended = try gateway.get("/sale/done", ["\(inside); \(named)"])
            #expect(ended.status == 200)
            let cleared = ended.values(of: "set-cookie").map { $0.prefix { $0 != ";" } }
            #expect(cleared == ["wrs=", "wrs_onsale="])
        }

        @Test
        func `Whoever comes in and is sent out with one answer is told one thing of each cookie`()
            throws
        {
            let origin = try TestOrigin { _, connection in
                try connection.respond(200, [("Waiting-Room-Command", "revoke")])
            }
            let gateway = try GatewayProcess(
                origin: origin,
                routes: "  - proxy: origin\n",
                further: "\nrooms:\n\(Self.room())\n"
            )
            let answer = try gateway.get("/sale/")
            #expect(answer.status == 200)
            let given = answer.values(of: "set-cookie").map { $0.prefix { $0 != "=" && $0 != ";" } }
            #expect(given.sorted() == ["wr", "wrs"])
            #expect(answer.values(of: "set-cookie").contains { $0.hasPrefix("wrs=;") })
        }

        @Test func `An app without a cookie jar that came straight in goes on with its ticket`()
            throws
        {
            let (gateway, origin) = try Self.gateway(Self.room())
            let given = RoomContractTests.cookies(try gateway.get("/sale/"))
            let place = given.dropFirst("Cookie: ".count).components(separatedBy: "; ").first {
                $0.hasPrefix("wr=")
            }
            let ticket = try #require(place).dropFirst("wr=".count)
            let field = ["Waiting-Room-Ticket: \(ticket)", Self.json]
            for _ in 0..<2 { #expect(try gateway.get("/sale/", field).status == 200) }
            #expect(Set(origin.requests.map { $0["x-waiting-room-session"] }).count == 1)
            #expect(try gateway.get("/.wr/status", field).text.contains("\"state\":\"admitted\""))
            #expect(try gateway.get("/sale/")["waiting-room"]?.contains("ticket=2") == true)
        }

        @Test func `The room of a status is named as forms write it, and an unknown one is told`()
            throws
        {
            let (gateway, _) = try Self.gateway(Self.room() + "\n" + Self.other)
            let named = try gateway.get("/.wr/status?room=%6Fther")
            #expect(named.status == 200)
            #expect(named.text.contains("\"room\":\"other\""))
            for name in ["none", "on%sale", "other%", "%00", "other+", ""] {
                let unknown = try gateway.get("/.wr/status?room=\(name)", [Self.json])
                #expect(unknown.status == 404)
                #expect(unknown["content-type"] == "application/json")
                #expect(unknown["cache-control"] == "no-store")
                #expect(unknown.text == #"{"problem":"there is no such room"}"#)
            }
        }

        @Test func `Pages of listed origins may read what the room answers by itself`() throws {
            let (gateway, _) = try Self.gateway(
                Self.room(", origins: [\"https://shop.example\"]")
            )
            let inside = RoomContractTests.cookies(try gateway.get("/sale/"))
            func check(_ answer: WireMessage, _ status: Int) {
                #expect(answer.status == status)
                #expect(answer["access-control-allow-origin"] == "https://shop.example")
                #expect(answer["access-control-allow-credentials"] == "true")
                #expect(answer.values(of: "vary").contains { $0.contains("Origin") })
            }
            let queued = try gateway.get("/sale/", [Self.json, Self.origin])
            check(queued, 503)
            #expect(queued["access-control-expose-headers"]?.contains("Waiting-Room") == true)
            let place = RoomContractTests.cookies(queued)
            check(try gateway.get("/.wr/status", [place, Self.origin]), 200)
            let length = "Content-Length: 0"
            check(
                try RoomContractTests.send(
                    gateway,
                    "POST /.wr/move",
                    [place, Self.origin, length]
                ),
                403
            )
            check(
                try RoomContractTests.send(
                    gateway,
                    "POST /.wr/leave",
                    [inside, Self.origin, length]
                ),
                403
            )
            let ask = "Access-Control-Request-Method: GET"
            check(
                try RoomContractTests.send(gateway, "OPTIONS /.wr/status", [Self.origin, ask]),
                204
            )
            let stranger = try gateway.get("/.wr/status", [place, "Origin: https://other"])
            #expect(stranger["access-control-allow-origin"] == nil)
        }

        @Test func `A command that nobody knows is noted, and once in a while`() throws {
            let (gateway, _) = try Self.gateway(
                Self.room(),
                [("Waiting-Room-Command", "revoke-all")]
            )
            let inside = RoomContractTests.cookies(try gateway.get("/sale/"))
            #expect(gateway.logs("output", "unknown Waiting-Room-Command", "revoke-all", "onsale"))
            #expect(try gateway.get("/sale/", [inside]).status == 200)
        }

        @Test func `Whoever has no place any more is told so, and why a place cannot be moved`()
            throws
        {
            let (gateway, _) = try Self.gateway(Self.room())
            let inside = RoomContractTests.cookies(try gateway.get("/sale/"))
            let none = try gateway.get("/.wr/status", ["Accept-Language: en"]).text
            #expect(none.contains("\"reason\":\"no-ticket\""))
            #expect(!none.contains("taking you in"))
            #expect(none.contains("\"message\":\"You have no place"))
            let length = "Content-Length: 0"
            func move(_ query: String, _ fields: [String]) throws -> WireMessage {
                try RoomContractTests.send(
                    gateway,
                    "POST /.wr/move" + query,
                    fields + [Self.json, length]
                )
            }
            #expect(try move("", []).text.contains("\"reason\":\"no-ticket\""))
            #expect(try move("?code=ABCDEFGH", []).text.contains("\"reason\":\"wrong-code\""))
            let place = RoomContractTests.cookies(try gateway.get("/sale/"))
            #expect(try move("", [place]).text.contains("\"reason\":null"))
            _ = try RoomContractTests.send(gateway, "POST /.wr/leave", [inside, length])
            #expect(try eventually { try gateway.get("/sale/", [place]).status == 200 })
            let spent = try move("", [place])
            #expect(spent.status == 404)
            #expect(spent.text.contains("\"reason\":\"ticket-spent\""))
        }

        @Test func `Maintenance comes with a sentence for people`() throws {
            let (gateway, _) = try Self.gateway(Self.room(", mode: maintenance"))
            for path in ["/sale/", "/.wr/status"] {
                let answer = try gateway.get(path, [Self.json, "Accept-Language: en"])
                #expect(answer.text.contains("\"reason\":\"maintenance\""))
                #expect(!answer.text.contains("\"message\":null"))
            }
        }

        @Test func `Whoever registers for a draw learns the number by which it can be checked`()
            throws
        {
            let opens = Date(timeIntervalSinceNow: 600).formatted(.iso8601)
            let (gateway, _) = try Self.gateway(
                Self.room(", order: random, opens_at: \"\(opens)\"")
            )
            for number in 1...2 {
                let answer = try gateway.get("/sale/", [Self.json])
                #expect(answer.text.contains("\"registration\":\(number),"))
                let told = try gateway.get("/.wr/status", [RoomContractTests.cookies(answer)])
                #expect(told.text.contains("\"registration\":\(number),"))
            }
        }

        @Test
        func `The command takes what the configuration takes, and says plainly what cannot be`()
            throws
        {
            let (gateway, _) = try Self.gateway(Self.room())
            let binary = try #require(Product.haniel.path)
            let folder = try TemporaryFolder()
            func haniel(_ words: String..., port: Int? = nil) throws -> Tool.Output {
                let admin = ["--admin", "127.0.0.1:\(port ?? Int(gateway.adminPort))"]
                return try Tool.run(binary, ["room"] + words + (words[0] == "words" ? [] : admin))
            }
            #expect(try haniel("set", "onsale", "session=30m", "rate=30/m").status == 0)
            let shown = try haniel("show", "onsale").text
            #expect(shown.contains("\"session\":1800,") && shown.contains("\"rate\":0.5,"))
            let wrong = try haniel("set", "onsale", "capacity=0")
            #expect(wrong.status == 1)
            #expect(wrong.text.contains("capacity=0 cannot be: 1 to 10000000"))
            #expect(!wrong.text.contains("{") && !wrong.text.contains("Usage"))
            let none = try haniel("invite", "onsale", "--count", "0")
            #expect(none.status != 0 && none.text.contains("--count has to be 1 to 1000"))
            let elsewhere = try haniel("list", port: Int(gateway.port))
            #expect(elsewhere.status == 1)
            #expect(elsewhere.text.contains("no admin address"))
            let words = folder.file("words")
            #expect(try haniel("words", words).text.contains("wrote \(words)/en.txt"))
            #expect(try haniel("words", words).text.contains("kept \(words)/en.txt"))
            let failed = try haniel("words", "/proc/words")
            #expect(failed.status == 1 && failed.text.contains("mkdir /proc/words"))
        }
    }
}
