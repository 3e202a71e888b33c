import Foundation
import Testing

@testable import Ticketing

/// Who may not do what, over the wire.
struct AuthorisationTests {
    private struct Operation: Sendable {
        let method: String
        let path: String
    }

    /// Every operation that the API's description names, with something in the place of each parameter.
    private static func operations() throws -> [Operation] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(
            contentsOf: root.appending(path: "docs/openapi.yaml"),
            encoding: .utf8
        )
        var path = ""
        var operations: [Operation] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("  /api/") { path = String(line.dropFirst(2).dropLast()) }
            let word = line.dropFirst(4)
            guard line.hasPrefix("    "), ["get:", "post:", "patch:", "delete:"].contains(word)
            else {
                continue
            }
            var filled = path
            for (name, value) in [
                ("{slug}", "evening"), ("{id}", "1"), ("{code}", "ABCDEFGHJK"),
                ("{action}", "pause"),
            ] { filled = filled.replacing(name, with: value) }
            operations.append(Operation(method: word.dropLast().uppercased(), path: filled))
        }
        return operations
    }

    @Test func `What belongs to the house and to the doors is closed to everybody else`()
        async throws
    {
        let operations = try Self.operations().filter {
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
                        operation.path,
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
            for path in [
                "/e/evening/holds", "/checkout/1", "/checkout/1/release", "/orders/X/pay",
                "/orders/X/cancel", "/orders/X/refund", "/login", "/register", "/logout", "/forgot",
                "/reset", "/verify", "/door", "/admin/events/evening/status",
                "/admin/jobs/1/replay", "/admin/refunds/1/retry", "/sandbox-psp/pay/X",
            ] {
                let answer = try await shop.client.post(path, form: "qty=1&status=pause", foreign)
                #expect(answer.status == 403, "\(path)")
            }
            #expect(try await shop.client.get("/api/v1/me", admin).status == 200)
            #expect(try await shop.fixture.count("SELECT SUM(status) FROM events") == 0)
        }
    }
}
