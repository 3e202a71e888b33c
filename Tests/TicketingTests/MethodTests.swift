import Testing

@testable import Ticketing

/// Paths that are asked for what they do not do.
struct MethodTests {
    @Test(
        arguments: [
            ("PUT", "/api/v1/events", "GET, HEAD"), ("TRACE", "/api/v1/orders", "GET, HEAD, POST"),
            ("GET", "/api/v1/events/evening/holds", "POST"),
            ("POST", "/api/v1/holds/1/", "DELETE, GET, HEAD, PATCH"),
            ("PROPFIND", "/api/v1/admin/events/evening/pause", "POST"),
            ("DELETE", "/api/v1/events/evening/live", "GET, HEAD"),
            ("OPTIONS", "/api/v1/events", "GET, HEAD"), ("OPTIONS", "/login", "GET, HEAD, POST"),
            ("POST", "/", "GET, HEAD"), ("PATCH", "/e/evening/holds?section=ST", "GET, HEAD, POST"),
        ]
    )
    func `The answer names the methods that there are`(method: String, path: String, allow: String)
        async throws
    {
        try await RunningShop.run { shop in
            let answer = try await shop.client.send(method, path, [:], "")
            #expect(answer.status == 405)
            #expect(answer["allow"] == allow)
            #expect(answer.member("type") == "method-not-allowed")
            let page = try await shop.client.send(method, path, ["accept": "text/html"], "")
            #expect(page.status == 405)
            #expect(page["allow"] == allow)
        }
    }

    @Test func `No path is unknown to a method that it does not have`() async throws {
        try await RunningShop.run { shop in
            let known = Dictionary(
                grouping: try APIDescription.routed(shop.fixture.shop),
                by: \.path
            )
            #expect(known.count > 60)
            for (path, operations) in known {
                for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"]
                where !operations.contains(where: { $0.method == method }) {
                    let answer = try await shop.client.send(
                        method,
                        operations[0].path(with: [:]),
                        [:],
                        ""
                    )
                    #expect(answer.status == 405, "\(method) \(path)")
                }
            }
        }
    }

    @Test(
        arguments: [
            ("HEAD", "/api/v1/events", 200), ("HEAD", "/", 200),
            ("HEAD", "/api/v1/events/evening/holds", 404), ("OPTIONS", "/api/v1/nothing", 404),
            ("GET", "/api/v1/nothing", 404), ("POST", "/api/v1/events/evening", 405),
            ("POST", "/api/v1/events/evening/nothing", 404), ("TRACE", "/nothing", 404),
        ]
    )
    func `What is not there stays unknown, and a head is that of what can be got`(
        method: String,
        path: String,
        status: Int
    ) async throws {
        try await RunningShop.run { shop in
            let answer = try await shop.client.send(method, path, [:], "")
            #expect(answer.status == status)
            if status == 404, method != "HEAD" { #expect(answer.member("type") == "not-found") }
        }
    }

    @Test func `The description of the API names what there is, and nothing else`() async throws {
        let fixture = try await ShopFixture()
        let described = try APIDescription.described()
        let routed = try APIDescription.routed(fixture.shop).filter { $0.path.hasPrefix("/api/") }
        #expect(described.count >= 50)
        for operation in routed {
            #expect(described.contains { $0.covers(operation) }, "\(operation)")
        }
        for operation in described {
            #expect(
                routed.contains { $0.covers(operation) || operation.covers($0) },
                "\(operation)"
            )
        }
    }
}
