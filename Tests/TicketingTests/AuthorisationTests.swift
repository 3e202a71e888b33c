import Testing

@testable import Ticketing

/// Who may not do what, over the wire.
struct AuthorisationTests {
    @Test func `What belongs to the house and to the doors is closed to everybody else`()
        async throws
    {
        let values = ["slug": "evening", "code": "ABCDEFGHJK", "action": "pause"]
        let operations = try APIDescription.described().filter {
            $0.path.contains("/admin/") || $0.path.contains("/checkins")
        }
        #expect(operations.count >= 19)
        try await RunningShop.run { shop in
            let user = try await shop.signIn("ana@example.com")
            let door = try await shop.signIn("door@example.com", role: .door)
            for operation in operations {
                var visitors: [([String: String], Int)] = [([:], 401), (user, 403)]
                if operation.path.contains("/admin/") { visitors.append((door, 403)) }
                for (headers, expected) in visitors {
                    let answer = try await shop.client.send(
                        operation.method,
                        operation.path(with: values),
                        headers.merging(["content-type": "application/json"]) { $1 },
                        "{}"
                    )
                    #expect(answer.status == expected, "\(operation)")
                }
            }
            for (path, isForDoors) in [
                ("/admin", false), ("/admin/events/evening", false), ("/door", true),
            ] {
                #expect(try await shop.client.get(path).status == 401)
                #expect(try await shop.client.get(path, user).status == 403)
                #expect(try await shop.client.get(path, door).status == (isForDoors ? 200 : 403))
            }
            for path in [
                "/admin/events/evening/status", "/admin/jobs/1/replay", "/admin/refunds/1/retry",
            ] {
                for visitor in [user, door] {
                    let answer = try await shop.client.post(path, form: "status=pause", visitor)
                    #expect(answer.status == 403)
                }
            }
            #expect(try await shop.fixture.count("SELECT COUNT(*) FROM audit") == 0)
            #expect(try await shop.fixture.count("SELECT SUM(status) FROM events") == 0)
        }
    }

    @Test func `A form on another site does nothing, whoever is signed in`() async throws {
        try await RunningShop.run { shop in
            let admin = try await shop.signIn("root@example.com", role: .admin)
            let foreign = admin.merging(["sec-fetch-site": "cross-site"]) { $1 }
            let operations = try APIDescription.routed(shop.fixture.shop).filter {
                $0.method != "GET" && !$0.path.contains("/webhooks/")
            }
            #expect(operations.count > 50)
            for operation in operations {
                let path = operation.path(with: ["slug": "evening"])
                for type in ["application/x-www-form-urlencoded", "application/json"] {
                    let answer = try await shop.client.send(
                        operation.method,
                        path,
                        foreign.merging(["content-type": type]) { $1 },
                        type.hasSuffix("json") ? "{}" : "qty=1&status=pause"
                    )
                    #expect(answer.status == 403, "\(operation)")
                    #expect(answer.member("type") == "cross-site", "\(operation)")
                }
            }
            #expect(try await shop.client.get("/api/v1/me", admin).status == 200)
            #expect(try await shop.fixture.count("SELECT SUM(status) FROM events") == 0)
        }
    }

    /// Those who have something of their own are strangers to what others have, too.
    private static func strangers(_ shop: RunningShop) async throws -> [[String: String]] {
        [
            [:], try await shop.signIn("eve@example.com"),
            try await shop.signIn("door@example.com", role: .door),
            ["cookie": "\(ShopCookie.cart.rawValue)=\(Token.secret())"],
        ]
    }

    @Test func `What somebody holds or has bought is not there for anybody else`() async throws {
        try await RunningShop.run { shop in
            let fixture = shop.fixture
            let order = try await fixture.order(try await fixture.hold([0, 1]))
            try await fixture.shop.till.pay(try await fixture.startPayment(order), with: .accepted)
            let serial = try await fixture.shop.database.read {
                try OrderRows.tickets(of: order.id, $0).first?.serial
            }
            let hold = try await fixture.hold([2])
            let values = [
                "code": order.code, "id": "\(hold)", "hold": "\(hold)",
                "file": "\(try #require(serial)).svg",
            ]
            let operations = try APIDescription.routed(fixture.shop).filter { operation in
                ["/orders/{code}", "/holds/{id}", "/tickets/{file}", "/checkout/{hold}"]
                    .contains(where: operation.path.contains) && !operation.path.contains("/admin/")
            }
            #expect(operations.count >= 19)
            for stranger in try await Self.strangers(shop) {
                for operation in operations {
                    let isPage = !operation.path.hasPrefix("/api/")
                    let type = isPage ? "application/x-www-form-urlencoded" : "application/json"
                    let answer = try await shop.client.send(
                        operation.method,
                        operation.path(with: values),
                        stranger.merging(
                            ["content-type": type, "idempotency-key": Token.secret()]
                        ) { $1 },
                        isPage ? "tickets=all" : #"{"tickets":"all","seats":[9]}"#
                    )
                    #expect(answer.status == 404, "\(operation)")
                }
                let taken = try await shop.client.post(
                    "/api/v1/orders",
                    json: #"{"hold":"\#(hold)","email":"eve@example.com","holder":"Eve"}"#,
                    stranger.merging(["idempotency-key": Token.secret()]) { $1 }
                )
                #expect(taken.status == (stranger.isEmpty ? 401 : 404))
            }
            #expect(try await fixture.reload(order).state == .paid)
            #expect(try await fixture.count("SELECT COUNT(*) FROM holds WHERE state = 0") == 1)
        }
    }
}
