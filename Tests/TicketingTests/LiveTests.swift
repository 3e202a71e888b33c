import NIOCore
import Testing

@testable import Ticketing

struct LiveTests {
    /// The next message of a stream.
    private static func next(of messages: AsyncStream<ByteBuffer>) async -> String {
        for await buffer in messages { return String(buffer: buffer) }
        return ""
    }

    @Test(arguments: Engine.tested)
    func `A viewer hears of every change with the revision it follows upon`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let live = fixture.shop.live
        let listing = try await fixture.listing()
        let (viewer, messages) = try await live.subscribe(to: listing, section: nil)
        let hello = await Self.next(of: messages)
        #expect(hello.contains("event: hello"))
        let first = try await fixture.shop.board.availability(of: listing).revision
        // Another process sells; this one finds out by itself.
        let other = try fixture.otherProcess()
        _ = try await other.holds.place(
            .seats([3]),
            in: listing,
            for: ShopFixture.guest("bea"),
            key: nil
        )
        try await live.work()
        let change = await Self.next(of: messages)
        #expect(change.contains("event: seats"))
        #expect(change.contains("\"previous\":\(first)"))
        #expect(change.contains("\"seats\":[[3,1]]"))
        #expect(change.contains("\"free\":19"))
        try await live.work()
        fixture.clock.advance(by: 15 * Span.second)
        try await live.work()
        #expect(await Self.next(of: messages).hasPrefix("event: ping"))
        live.unsubscribe(viewer, from: listing.event.id)
        #expect(live.viewerCount == 0)
        try other.database.close()
    }

    @Test func `There are only so many viewers`() async throws {
        var settings = ShopFixture.settings
        settings.liveLimit = 2
        let fixture = try await ShopFixture(settings: settings)
        let listing = try await fixture.listing()
        let first = try await fixture.shop.live.subscribe(to: listing, section: nil)
        let second = try await fixture.shop.live.subscribe(to: listing, section: 0)
        await #expect(throws: Problem.busy) {
            try await fixture.shop.live.subscribe(to: listing, section: nil)
        }
        fixture.shop.live.unsubscribe(first.viewer, from: listing.event.id)
        let third = try await fixture.shop.live.subscribe(to: listing, section: nil)
        withExtendedLifetime((first, second, third)) {}
    }

    @Test func `A viewer whose stream nobody ever reads is forgotten`() async throws {
        let fixture = try await ShopFixture()
        let listing = try await fixture.listing()
        // As a HEAD request does, and a client that leaves before its answer begins.
        _ = try await fixture.shop.live.subscribe(to: listing, section: nil)
        #expect(fixture.shop.live.viewerCount == 0)
    }

    @Test func `A stream that is ended says first what was to be said`() async throws {
        let fixture = try await ShopFixture()
        let live = fixture.shop.live
        let listing = try await fixture.listing()
        let (viewer, messages) = try await live.subscribe(to: listing, section: nil)
        live.finish(viewer, from: listing.event.id)
        #expect(await Self.next(of: messages).contains("event: hello"))
        #expect(await Self.next(of: messages).isEmpty)
        #expect(live.viewerCount == 0)
    }
}
