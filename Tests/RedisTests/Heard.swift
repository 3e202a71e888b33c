import Transport

@testable import Redis

/// What a subscription told so far.
final class Heard: @unchecked Sendable {
    // Unchecked: only the reactor's thread touches it.
    struct Silence: Error {
        let heard: [Subscription.Event]
    }

    private(set) var events: [Subscription.Event] = []
    private let reactor: Reactor
    private let news = Waiter()

    init(_ reactor: Reactor) {
        self.reactor = reactor
    }

    func add(_ event: Subscription.Event) {
        events.append(event)
        news.wake(.ready)
    }

    /// Returns when what was heard is what is wanted; throws after ten seconds.
    func wait(until isWanted: ([Subscription.Event]) -> Bool) async throws {
        let deadline = reactor.now.advanced(by: .seconds(10))
        while !isWanted(events) {
            let count = events.count
            let wake = await reactor.wait(
                for: news,
                until: deadline,
                unless: { events.count > count }
            )
            guard wake == .ready else { throw Silence(heard: events) }
        }
    }
}
