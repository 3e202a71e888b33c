import Testing
import Transport

@testable import Ticketing

struct APITests {
    @Test func `A guest buys two seats over the wire`() async throws {
        try await RunningShop.run { shop in
            let client = shop.client
            let key = ["idempotency-key": "6f1c2a3e-0000-4000-8000-000000000001"]
            let wish = #"{"best":{"qty":2}}"#
            let hold = try await client.post("/api/v1/events/evening/holds", json: wish, key)
            #expect(hold.status == 201)
            #expect(
                hold["set-cookie"].hasSuffix(
                    "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800"
                )
            )
            let cart = ["cookie": hold.cookie]
            let body = #"{"hold":"\#(hold.member("id"))","email":"ana@example.com","holder":"Ana"}"#
            let without = try await client.post("/api/v1/orders", json: body, cart)
            #expect(without.status == 400, "an order needs a key")
            let order = try await client.post(
                "/api/v1/orders",
                json: body,
                cart.merging(key) { $1 }
            )
            #expect(order.status == 201)
            let replay = try await client.post(
                "/api/v1/orders",
                json: body,
                cart.merging(key) { $1 }
            )
            #expect(replay.body == order.body)
            #expect(replay["idempotency-replayed"] == "true")
            let code = order.member("code")
            let payment = try await client.post("/api/v1/orders/\(code)/payments", json: "{}", cart)
            #expect(payment.status == 201)
            let paid = try await client.post(payment.member("redirect"), form: "card=accepted")
            #expect(paid.status == 303)
            #expect(paid["location"] == "/orders/\(code)")
            let result = try await client.get("/api/v1/orders/\(code)", cart)
            #expect(result.member("state") == "paid")
            #expect(result.member("code").isEmpty == false)
            #expect(result["waiting-room-command"] == "revoke")
            #expect(try await client.get("/api/v1/orders/\(code)").status == 404)
        }
    }

    @Test
    func `A lost first answer costs nothing: the same key brings the same hold and the same cart`()
        async throws
    {
        try await RunningShop.run { shop in
            let key = ["idempotency-key": "6f1c2a3e-0000-4000-8000-000000000002"]
            let json = #"{"seats":["ST-A-1"]}"#
            let first = try await shop.client.post("/api/v1/events/evening/holds", json: json, key)
            let again = try await shop.client.post("/api/v1/events/evening/holds", json: json, key)
            #expect(again.body == first.body)
            #expect(again.cookie == first.cookie)
            let other = try await shop.client.post(
                "/api/v1/events/evening/holds",
                json: #"{"seats":[5]}"#,
                key.merging(["cookie": first.cookie]) { $1 }
            )
            #expect(other.status == 422)
            #expect(other.member("type") == "idempotency-mismatch")
        }
    }

    @Test func `Strangers who happen on one key see nothing of each other`() async throws {
        try await RunningShop.run { shop in
            let key = ["idempotency-key": "6f1c2a3e-0000-4000-8000-000000000003"]
            let path = "/api/v1/users"
            let body = { (name: String) in
                #"{"email":"\#(name)@example.com","name":"\#(name)","password":"long enough"}"#
            }
            for name in ["ana", "bea"] {
                let answer = try await shop.client.post(path, json: body(name), key)
                #expect(answer.status == 202)
                #expect(answer["idempotency-replayed"].isEmpty)
            }
            #expect(try await shop.fixture.count("SELECT COUNT(*) FROM users") == 2)
            let again = try await shop.client.post(path, json: body("ana"), key)
            #expect(again["idempotency-replayed"] == "true")

            let holds = "/api/v1/events/evening/holds"
            let first = try await shop.client.post(holds, json: #"{"seats":[0]}"#, key)
            let second = try await shop.client.post(holds, json: #"{"seats":[1]}"#, key)
            #expect(first.status == 201 && second.status == 201)
            #expect(first.cookie != second.cookie)
            let cart = ["cookie": second.cookie]
            #expect(
                try await shop.client.get("/api/v1/holds/\(first.member("id"))", cart).status == 404
            )
            // Anybody could think of this one.
            let plain = ["idempotency-key": "0000000000000000001"]
            let one = try await shop.client.post(holds, json: #"{"best":{"qty":1}}"#, plain)
            let other = try await shop.client.post(holds, json: #"{"best":{"qty":1}}"#, plain)
            #expect(one.cookie != other.cookie)
            #expect(one.member("id") != other.member("id"))
        }
    }

    static let badHolds: [(String, Int, String)] = [
        ("", 400, "invalid-body"), ("[]", 400, "invalid-body"), ("{}", 400, "invalid-body"),
        (#"{"seats":[]}"#, 400, "invalid-body"), (#"{"seats":[0,0]}"#, 400, "invalid-body"),
        (#"{"seats":[-1]}"#, 400, "invalid-body"), (#"{"seats":[20]}"#, 400, "invalid-body"),
        (#"{"seats":["ST-Z-1"]}"#, 400, "invalid-body"),
        (#"{"seats":[1e40]}"#, 400, "invalid-body"),
        (#"{"seats":[0],"best":{"qty":1}}"#, 400, "invalid-body"),
        (#"{"best":{"qty":0}}"#, 400, "invalid-body"),
        (#"{"best":{"qty":-9223372036854775808}}"#, 400, "invalid-body"),
        (#"{"best":{"qty":9223372036854775807}}"#, 422, "limit-exceeded"),
        (#"{"best":{"qty":1,"section":"XX"}}"#, 400, "invalid-body"),
        (#"{"best":{"qty":7}}"#, 422, "limit-exceeded"),
    ]

    @Test func `A malformed wish is refused in words and holds nothing`() async throws {
        try await RunningShop.run { shop in
            for (json, status, type) in Self.badHolds {
                let answer = try await shop.client.post("/api/v1/events/evening/holds", json: json)
                #expect(answer.status == status, "\(json)")
                #expect(answer.member("type") == type, "\(json)")
                #expect(answer["content-type"] == "application/problem+json")
            }
            #expect(try await shop.fixture.count("SELECT COUNT(*) FROM seat_claims") == 0)
        }
    }

    @Test func `What a browser of another site sends is refused before it does anything`()
        async throws
    {
        try await RunningShop.run { shop in
            let origin = "http://127.0.0.1:\(shop.client.port)"
            let cases: [([String: String], Int)] = [
                (["sec-fetch-site": "cross-site"], 403), (["sec-fetch-site": "same-site"], 403),
                (["origin": "https://evil.example"], 403), (["origin": "null"], 403),
                (["sec-fetch-site": "same-origin"], 201), (["origin": origin], 201), ([:], 201),
            ]
            for (headers, status) in cases {
                let answer = try await shop.client.post(
                    "/api/v1/events/evening/holds",
                    json: #"{"best":{"qty":1}}"#,
                    headers
                )
                #expect(answer.status == status, "\(headers)")
            }
            let form = ["content-type": "text/plain"]
            let plain = try await shop.client.post("/api/v1/sessions", json: "{}", form)
            #expect(plain.status == 415)
        }
    }

    @Test func `Signing in sets one hardened cookie, signing out ends the session everywhere`()
        async throws
    {
        try await RunningShop.run { shop in
            let headers = try await shop.signIn("ana@example.com")
            let cookie = headers["cookie"] ?? ""
            #expect(cookie.hasPrefix("__Host-bmh_sid=") && cookie.utf8.count == 58)
            let me = try await shop.client.get("/api/v1/me", headers)
            #expect(me.member("email") == "ana@example.com")
            let session = try await shop.gateway.get("/internal/session", headers)
            #expect(session.status == 200)
            #expect(session.member("sub") == me.member("id"))
            #expect(session.member("sid") == Token.hash(String(cookie.dropFirst(15))))
            #expect(session.member("role") == "user")
            let out = try await shop.client.send("DELETE", "/api/v1/sessions/current", headers, "")
            #expect(out.status == 204)
            #expect(out["set-cookie"].contains("Max-Age=0"))
            #expect(try await shop.gateway.get("/internal/session", headers).status == 404)
            #expect(try await shop.client.get("/api/v1/me", headers).status == 401)
        }
    }

    @Test func `The ledger is for admins and agrees with what was sold`() async throws {
        try await RunningShop.run { shop in
            let order = try await shop.fixture.order(try await shop.fixture.hold([3, 4]))
            try await shop.fixture.shop.till.pay(
                try await shop.fixture.startPayment(order),
                with: .accepted
            )
            _ = try await shop.fixture.hold([9])
            let path = "/api/v1/admin/events/evening/ledger"
            #expect(try await shop.client.get(path).status == 401)
            let user = try await shop.signIn("ana@example.com")
            #expect(try await shop.client.get(path, user).status == 403)
            let admin = try await shop.signIn("root@example.com", role: .admin)
            let ledger = try await shop.client.get(path, admin)
            let lines = ledger.body.split(separator: "\n")
            #expect(lines.filter { $0.contains(#""kind":"claim""#) }.count == 3)
            #expect(
                lines.filter { $0.contains(#""state":"sold""#) && $0.contains(order.code) }.count
                    == 2
            )
            #expect(
                lines.filter { $0.contains(#""kind":"ticket""#) && $0.contains(#""valid":true"#) }
                    .count == 2
            )
            #expect(lines.filter { $0.contains(#""kind":"order""#) }.count == 1)
        }
    }

    @Test func `With a gateway's key only its assertion counts`() async throws {
        let key = try #require(Ed25519PrivateKey.generate())
        var settings = ShopFixture.settings
        settings.gatewayKey = try Ed25519PublicKey(pem: key.publicPEM)
        try await RunningShop.run(settings: settings) { shop in
            let cookie = try await shop.signIn("ana@example.com")
            #expect(
                try await shop.client.get("/api/v1/me", cookie).status == 401,
                "a cookie alone is nobody"
            )
            let session = try await shop.gateway.get("/internal/session", cookie)
            let seconds = shop.fixture.clock.now / Span.second
            let claims = """
                {"iss":"haniel","aud":"bookme","sub":"\(session.member("sub"))","sid":"\(session.member("sid"))",\
                "role":"user","iat":\(seconds),"exp":\(seconds + 60)}
                """
            let signed =
                Base64URL.encode(Array(#"{"alg":"EdDSA"}"#.utf8)) + "."
                + Base64URL.encode(Array(claims.utf8))
            let signature = try #require(key.sign(Array(signed.utf8)))
            let assertion = ["bmh-assertion": "\(signed).\(Base64URL.encode(signature))"]
            #expect(
                try await shop.client.get("/api/v1/me", assertion).member("email")
                    == "ana@example.com"
            )
            #expect(
                try await shop.client.get("/api/v1/me", ["bmh-assertion": "\(signed).AA"]).status
                    == 401
            )
        }
    }

    @Test func `An event with a waiting room takes holds from those who came through one`()
        async throws
    {
        let key = try #require(Ed25519PrivateKey.generate())
        let other = try #require(Ed25519PrivateKey.generate())
        var settings = ShopFixture.settings
        settings.gatewayKey = try Ed25519PublicKey(pem: key.publicPEM)
        try await RunningShop.run(settings: settings) { shop in
            try await shop.fixture.shop.database.write {
                try $0.run("UPDATE events SET waiting_room = 1 WHERE id = 1")
            }
            shop.fixture.clock.advance(by: 2 * Span.second)
            let seconds = shop.fixture.clock.now / Span.second
            let token = { (key: Ed25519PrivateKey, claim: String, until: Int64) in
                let claims =
                    #"{"iss":"haniel","aud":"bookme",\#(claim),"iat":\#(seconds),"exp":\#(until)}"#
                let signed =
                    Base64URL.encode(Array(#"{"alg":"EdDSA"}"#.utf8)) + "."
                    + Base64URL.encode(Array(claims.utf8))
                let signature = try #require(key.sign(Array(signed.utf8)))
                return ["bmh-admission": "\(signed).\(Base64URL.encode(signature))"]
            }
            let room = #""adm":"onsale""#
            let cases: [([String: String], Int)] = [
                ([:], 403), (try token(other, room, seconds + 60), 403),
                (try token(key, room, seconds - 60), 403),
                (try token(key, #""sub":"1""#, seconds + 60), 403),
                (try token(key, room, seconds + 60), 201),
            ]
            for (headers, status) in cases {
                let answer = try await shop.client.post(
                    "/api/v1/events/evening/holds",
                    json: #"{"best":{"qty":1}}"#,
                    headers
                )
                #expect(answer.status == status, "\(answer.body)")
            }
            let form = try await shop.client.post("/e/evening/holds", form: "qty=1")
            #expect(form.status == 403)
            let admitted = try token(key, room, seconds + 60)
            let page = try await shop.client.post("/e/evening/holds", form: "qty=1", admitted)
            #expect(page.status == 303)
        }
    }

    @Test
    func `The seats' validator changes with the seats, and an unchanged picture costs nothing`()
        async throws
    {
        try await RunningShop.run { shop in
            let first = try await shop.client.get("/api/v1/events/evening/seats")
            #expect(first.body.contains(#""states":"AAAAAAA=""#))
            let known = ["if-none-match": first["etag"]]
            let unchanged = try await shop.client.get("/api/v1/events/evening/seats", known)
            #expect(unchanged.status == 304)
            #expect(unchanged.body.isEmpty)
            _ = try await shop.fixture.hold([0])
            let changed = try await shop.client.get("/api/v1/events/evening/seats", known)
            #expect(changed.status == 200)
            #expect(changed.body.contains(#""states":"AQAAAAA=""#))
            let raw = try await shop.client.get(
                "/api/v1/events/evening/seats",
                ["accept": "application/octet-stream"]
            )
            #expect(raw["etag"] != changed["etag"])
            #expect(raw["content-length"] == "5")
        }
    }

    @Test func `A webhook over the wire is believed only with its signature`() async throws {
        try await RunningShop.run { shop in
            let order = try await shop.fixture.order(try await shop.fixture.hold([0]))
            let intent = try await shop.fixture.startPayment(order)
            let message = shop.fixture.message(
                "evt_1",
                .succeeded,
                intent: intent,
                amount: order.total
            )
            let body = String(decoding: message.body, as: UTF8.self)
            let path = "/api/v1/webhooks/sandbox"
            let bad = try await shop.client.post(path, json: body, ["bmh-signature": "t=1,v1=00"])
            #expect(bad.status == 400)
            // Strangers can send these without end; what is written down has one.
            _ = try await shop.client.post(path, json: body, ["bmh-signature": "t=1,v1=01"])
            #expect(try await shop.fixture.count("SELECT COUNT(*) FROM audit") == 1)
            #expect(try await shop.client.post("/api/v1/webhooks/other", json: body).status == 404)
            let huge = try await shop.client.post(path, json: String(repeating: "x", count: 70_000))
            #expect(huge.status == 400, "no provider's message is this long")
            let good = ["bmh-signature": message.signature, "origin": "https://psp.example"]
            #expect(
                try await shop.client.post(path, json: body, good).member("outcome") == "applied"
            )
            #expect(
                try await shop.client.post(path, json: body, good).member("outcome") == "duplicate"
            )
        }
    }

    @Test func `The internal listener tells how it is and the public one tells nothing of it`()
        async throws
    {
        try await RunningShop.run { shop in
            for path in ["/livez", "/readyz", "/version"] {
                #expect(try await shop.gateway.get(path).status == 200)
            }
            for method in ["PROPFIND", "MKCOL"] {
                _ = try await shop.client.send(method, "/", [:], "")
            }
            let metrics = try await shop.gateway.get("/metrics")
            #expect(metrics.body.contains(#"method="other""#))
            #expect(!metrics.body.contains("PROPFIND"))
            #expect(metrics.body.contains("# TYPE bookme_commits_total counter"))
            #expect(try await shop.client.get("/readyz").status == 200)
            for path in ["/metrics", "/internal/session", "/livez"] {
                #expect(try await shop.client.get(path).status == 404)
            }
            let admission = try await shop.gateway.get("/internal/admission/evening")
            let figures = #"{"free":20,"held":0,"holds":0,"sold":0,"suggested_rate":1}"#
            #expect(admission.body == figures)
        }
    }

    @Test func `Headers beyond the limits end the connection instead of filling memory`()
        async throws
    {
        try await RunningShop.run { shop in
            let big = ["x-filler": String(repeating: "a", count: 40_000)]
            #expect((try? await shop.client.get("/readyz", big))?.status != 200)
            var many: [String: String] = [:]
            for number in 0..<150 { many["x-\(number)"] = "a" }
            #expect((try? await shop.client.get("/readyz", many))?.status != 200)
            let modest = try await shop.client.get("/readyz")
            #expect(modest.status == 200)
        }
    }
}
