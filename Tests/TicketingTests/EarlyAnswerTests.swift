import Testing

@testable import Ticketing

struct EarlyAnswerTests {
    @Test(.timeLimit(.minutes(1)))
    func `A client that is refused while it sends is heard to the end`() async throws {
        try await RunningShop.run { shop in
            let answer = try await shop.client.send(
                "POST",
                "/api/v1/webhooks/sandbox",
                ["content-type": "application/json"],
                String(repeating: "x", count: 10_000_000)
            )
            #expect(answer.status == 400)
            #expect(answer.member("type") == "bad-signature")
        }
    }
}
