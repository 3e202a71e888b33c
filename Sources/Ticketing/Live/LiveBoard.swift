import NIOCore
import Synchronization

/// Tells viewers of an event which seats changed, as server-sent events.
///
/// It compares snapshots: the database says whether anything changed, whoever changed it, so that every process tells
/// the same story without talking to the others. Each message names the revision before and after it; who misses one
/// sees the gap and fetches the snapshot.
final class LiveBoard: Sendable {
    private struct Viewer {
        let section: Int?
        let messages: AsyncStream<ByteBuffer>.Continuation
    }

    private struct Topic {
        var listing: Listing
        var last: Availability
        var sale: String
        var toldAt: Milliseconds
        var pingedAt: Milliseconds
        var viewers: [Int: Viewer] = [:]
    }

    private struct State {
        var topics: [Int64: Topic] = [:]
        var nextViewer = 0
        var viewerCount = 0
    }

    /// Up to this many seats a viewer of the whole house is told of single seats, beyond it of sections.
    private static let seatLimit = 1000
    /// From this many viewers on, an event is told of once a second.
    private static let crowd = 1000
    private static let pingInterval: Milliseconds = 15 * Span.second
    /// What a viewer who reads slowly may be behind before older messages are lost to them.
    private static let backlogLimit = 32

    private let catalog: EventCatalog
    private let board: AvailabilityBoard
    private let clock: WallClock
    private let viewerLimit: Int
    private let state = Mutex(State())

    init(catalog: EventCatalog, board: AvailabilityBoard, clock: WallClock, viewerLimit: Int) {
        self.catalog = catalog
        self.board = board
        self.clock = clock
        self.viewerLimit = viewerLimit
    }

    /// How many viewers there are.
    var viewerCount: Int { state.withLock { $0.viewerCount } }

    /// How many of them watch an event.
    func viewerCount(of event: Int64) -> Int {
        state.withLock { $0.topics[event]?.viewers.count ?? 0 }
    }

    /// Begins to tell a viewer of an event, or of one section of it. Throws `busy` when there are too many.
    func subscribe(to listing: Listing, section: Int?) async throws -> (
        viewer: Int, messages: AsyncStream<ByteBuffer>
    ) {
        let availability = try await board.availability(of: listing)
        let now = clock.now()
        let (messages, continuation) = AsyncStream.makeStream(
            of: ByteBuffer.self,
            bufferingPolicy: .bufferingNewest(Self.backlogLimit)
        )
        let viewer: Int? = state.withLock { state in
            guard state.viewerCount < viewerLimit else { return nil }
            let event = listing.event.id
            var topic =
                state.topics[event]
                ?? Topic(
                    listing: listing,
                    last: availability,
                    sale: LiveMessage.sale(listing, availability, at: now),
                    toldAt: now,
                    pingedAt: now
                )
            let viewer = state.nextViewer
            topic.viewers[viewer] = Viewer(section: section, messages: continuation)
            state.topics[event] = topic
            state.nextViewer += 1
            state.viewerCount += 1
            // Whatever becomes of the answer, a HEAD or a client that left before its first byte: nobody reads, nobody
            // is counted.
            continuation.onTermination = { [weak self] _ in
                self?.unsubscribe(viewer, from: event)
            }
            continuation.yield(LiveMessage.hello(topic.last, sale: topic.sale))
            return viewer
        }
        guard let viewer else { throw Problem.busy }
        return (viewer, messages)
    }

    /// Ends what a viewer reads, after what was said already.
    func finish(_ viewer: Int, from event: Int64) {
        let messages = state.withLock { $0.topics[event]?.viewers[viewer]?.messages }
        messages?.finish()
    }

    /// Forgets a viewer who has gone.
    func unsubscribe(_ viewer: Int, from event: Int64) {
        state.withLock { state in
            guard state.topics[event]?.viewers.removeValue(forKey: viewer) != nil else { return }
            state.viewerCount -= 1
            if state.topics[event]?.viewers.isEmpty ?? false { state.topics[event] = nil }
        }
    }

    /// Looks at every event that has viewers and tells them what changed. Called a few times a second.
    func work() async throws {
        let now = clock.now()
        let due = state.withLock { state in
            state.topics.values.filter { topic in
                topic.viewers.count < Self.crowd || now - topic.toldAt >= Span.second
            }.map(\.listing.event.id)
        }
        for event in due {
            let listing = try await catalog.listing(id: event)
            let availability = try await board.availability(of: listing)
            tell(listing, availability, at: now)
        }
    }

    private func tell(_ listing: Listing, _ availability: Availability, at now: Milliseconds) {
        let (viewers, messages): ([Viewer], [Int?: ByteBuffer]) = state.withLock { state in
            guard var topic = state.topics[listing.event.id] else { return ([], [:]) }
            let sale = LiveMessage.sale(listing, availability, at: now)
            let sections = Set(topic.viewers.values.map(\.section))
            var messages: [Int?: ByteBuffer] = [:]
            for section in sections {
                var text = ""
                if availability.revision > topic.last.revision {
                    text += LiveMessage.seats(
                        from: topic.last,
                        to: availability,
                        in: listing,
                        section: section,
                        naming: section != nil || listing.map.seats.count <= Self.seatLimit
                    )
                }
                if sale != topic.sale {
                    text += LiveMessage.event("sale", "{\"sale\":\"\(sale)\"}")
                }
                if text.isEmpty, now - topic.pingedAt >= Self.pingInterval {
                    text = LiveMessage.event("ping", "{}")
                }
                if !text.isEmpty { messages[section] = ByteBuffer(string: text) }
            }
            topic.listing = listing
            if availability.revision > topic.last.revision { topic.last = availability }
            topic.sale = sale
            topic.toldAt = now
            if !messages.isEmpty { topic.pingedAt = now }
            state.topics[listing.event.id] = topic
            return (messages.isEmpty ? [] : Array(topic.viewers.values), messages)
        }
        for viewer in viewers {
            if let message = messages[viewer.section] { viewer.messages.yield(message) }
        }
    }
}
