import Dispatch
import Hummingbird
import Support
import Testing

@testable import Ticketing

/// The live seats as they come over a connection.
struct LiveStreamTests {
    private static let path = "/api/v1/events/evening/live"

    @Test(arguments: [
        ("/api/v1/events/evening/live", true), ("/api/v1/events/evening/live/", true),
        ("/api/v1/events/live", true), ("/api/v1/events/evening/alive", false),
        ("/api/v1/events/evening/live/seats", false), ("/livez", false), ("", false),
    ])
    func `A path is that of a stream by its last part`(path: String, isForStream: Bool) {
        #expect(StreamResponder<CallbackResponder>.isForStream(path) == isForStream)
    }

    @Test(arguments: [path, path + "/", path + "?section=ST"])
    func `A viewer is greeted, told of changes, and forgotten once gone`(path: String) async throws {
        try await RunningShop.run { shop in
            let live = shop.fixture.shop.live
            let answer = try OpenAnswer(path, of: shop.client)
            let greeting = await answer.text(until: "event: hello")
            #expect(greeting.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(greeting.lowercased().contains("content-type: text/event-stream\r\n"))
            #expect(live.viewerCount == 1)
            _ = try await shop.fixture.hold([3])
            #expect(await answer.text(until: "event: seats").contains("event: seats"))
            answer.hangUp()
            // The server finds out by what it says next.
            let isForgotten = await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    let isForgotten = eventually {
                        shop.fixture.clock.advance(by: 15 * Span.second)
                        return live.viewerCount == 0
                    }
                    continuation.resume(returning: isForgotten)
                }
            }
            #expect(isForgotten)
        }
    }

    @Test func `A server that stops tells its viewers, and then hangs up`() async throws {
        try await RunningShop.run { shop in
            let answers = try [Self.path, Self.path + "/"].map { path in
                try OpenAnswer(path, of: shop.client)
            }
            for answer in answers {
                #expect(await answer.text(until: "event: hello").contains("event: hello"))
            }
            #expect(shop.fixture.shop.live.viewerCount == 2)
            await shop.stop()
            for answer in answers {
                let all = await answer.rest()
                #expect(all?.contains("event: drain") == true)
                #expect(all?.hasSuffix("0\r\n\r\n") == true)
            }
            #expect(shop.fixture.shop.live.viewerCount == 0)
        }
    }

    @Test func `What is no stream, or of no event, is answered as ever`() async throws {
        try await RunningShop.run { shop in
            let noEvent = try await shop.client.get("/api/v1/events/nothing/live")
            #expect(noEvent.status == 404)
            let noSection = try await shop.client.get(Self.path + "?section=XX")
            #expect(noSection.status == 404)
            #expect(shop.fixture.shop.live.viewerCount == 0)
        }
    }
}
