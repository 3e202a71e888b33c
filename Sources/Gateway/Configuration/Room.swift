extension Configuration {
    /// A virtual waiting room in front of some paths: at most `capacity` visitors are inside, the others wait in line.
    struct Room: Sendable, Equatable {
        /// Name shown to visitors and used by routes. Required.
        var name: String
        /// Hosts that the room covers, `*.example.com` included. Default none, which means every host.
        var hosts: [HostPattern] = []
        /// Paths that the room covers. Default none: only routes that name the room.
        var paths: [PathPattern] = []
        /// Most visitors inside at once. Required; 1 to 10000000.
        var capacity: Int
        /// How fast visitors are let in. Default 50/s.
        var rate = Rate(count: 50, period: .seconds(1))
        /// Visitors that may enter at once before pacing starts. Default 50; 1 to 1000000.
        var burst = 50
        /// How long a visitor stays inside after the last request. Default 10m; 1s to 1d.
        var session = Duration.seconds(600)
        /// How long an admission is valid without asking the store again, at most as long as the session. Default 60s;
        /// 1s to 10m.
        var lease = Duration.seconds(60)
        /// How long a place is kept for a visitor whose turn came unseen. Default 5m; 1s to 1d.
        var grace = Duration.seconds(300)
        /// Who goes first: `fifo`. Default fifo.
        var order = RoomOrder.fifo
        /// Where the line is kept: `memory` (this gateway) or `redis` (several gateways). Default memory.
        var store = RoomStore.memory
        /// Status of the waiting page: 200, 202, 429 or 503. Default 503.
        var status = 503
        /// When the store is lost: `hold` admits nobody new, `open` admits at the rate, `closed` refuses. Default hold.
        var onStoreLoss = StoreLossPolicy.hold

        /// The lease, which never outlives the session.
        var effectiveLease: Duration { min(lease, session) }
    }

    /// Who goes first in a waiting room.
    enum RoomOrder: String, Sendable, CaseIterable {
        case fifo
    }

    /// Where the line of a waiting room is kept.
    enum RoomStore: String, Sendable, CaseIterable {
        case memory
        case redis
    }

    /// What a waiting room does while its store does not answer.
    enum StoreLossPolicy: String, Sendable, CaseIterable {
        case hold
        case open
        case closed
    }
}
