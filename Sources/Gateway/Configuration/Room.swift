import Transport

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
        /// How long a visitor stays inside after the last answer. Default 10m; 1s to 1d.
        var session = Duration.seconds(600)
        /// How long an admission is valid without asking the store again, at most as long as the session. Default 60s;
        /// 1s to 10m.
        var lease = Duration.seconds(60)
        /// How long a place is kept for a visitor whose turn came unseen. Default 5m; 1s to 1d.
        var grace = Duration.seconds(300)
        /// Who goes first: `fifo`, or `random` for those who come before `opens_at`. Default fifo.
        var order = RoomOrder.fifo
        /// What the room does: `auto` lines people up when it is full, `pause` and `queue-all` line everybody up,
        /// `drain` takes no newcomers, `reject` turns everybody outside away, `pass` lets everybody through,
        /// `maintenance` turns away also those inside. Default auto.
        var mode = WaitingRoomSettings.Mode.automatic
        /// Most places in line. Default 1000000; 1 to 10000000.
        var queueLimit = 1_000_000
        /// How many new places one client (session, or else IPv4 address, IPv6 /64) may take, such as
        /// `20/h`; beyond that it is asked to come back later. Default null: as many as it asks for.
        var placesPerClient: Rate?
        /// Of those let in while others wait, at most so many in a hundred from one IPv4 address or IPv6 /64; the rest
        /// keep their places and come in later. Default null: as many as there are; 1 to 100.
        var clientPercent: Int?
        /// The same for one TLS fingerprint (JA4), which all browsers of one release share. Default null; 1 to 100.
        var fingerprintPercent: Int?
        /// Whether those who wait are asked for some work of their computer before their turn. Default false.
        var challenge = false
        /// Leading zero bits of the hash for a client that has taken few places of late. Default 17; 8 to 28.
        var challengeBits = 17
        /// And for one that has taken many. Default 21; 8 to 28.
        var challengeBitsMost = 21
        /// How long somebody waits who answers a question instead. Default 30s; 0s to 10m.
        var challengeHold = Duration.seconds(30)
        /// When the room opens, such as `2026-12-01T10:00:00+01:00`. Default null: it is open.
        var opensAt: PointInTime?
        /// How long before the opening visitors are noted. Default null: from the start; 0s to 30d.
        var prequeue: Duration?
        /// When it closes. Default null: never.
        var closesAt: PointInTime?
        /// From one opening to the next. Default null: there is one; 1m to 365d.
        var every: Duration?
        /// Requests that pass without waiting and do not count: a network, `path:/…` or `header:NAME=VALUE`.
        var bypass: [RoomBypass] = []
        /// Requests of visitors who go before the line, in the same form.
        var priority: [RoomBypass] = []
        /// Codes that let their holders go before the line.
        var codes: [RoomCode] = []
        /// Origins whose pages may ask across origins, as preflight requests are told. Default none.
        var origins: [String] = []
        /// Fewer are let in while more than a tenth of the backend's answers take longer. Default null; 1ms to 1m.
        var latencyTarget: Duration?
        /// The capacity never goes below this because of it. Default 1.
        var leastCapacity = 1
        /// Directory of the page's words and style: `de.txt` and so on, `style.css`. Default null: what is built in.
        var pages: String?
        /// Where the line is kept: `memory` (this gateway) or `redis` (several gateways). Default memory.
        var store = RoomStore.memory
        /// Status of the waiting page: 200, 202, 429 or 503. Default 503.
        var status = 503
        /// When the store is lost: `hold` admits nobody new, `open` admits at the rate, `closed` refuses. Default hold.
        var onStoreLoss = StoreLossPolicy.hold
    }

    /// Who goes first in a waiting room.
    enum RoomOrder: String, Sendable, CaseIterable {
        case fifo
        case random
    }

    /// A request that is not asked to wait.
    enum RoomBypass: Sendable, Hashable {
        case network(IPPrefix)
        case path(PathPattern)
        case header(name: String, value: String)
    }

    /// A code that lets its holders go before the line.
    struct RoomCode: Sendable, Equatable {
        /// What they send as `wr_invite` in the query, or as `Waiting-Room-Invitation`. Required.
        var code: String
        /// How many may come in with it. Default 1; 1 to 10000000.
        var uses = 1
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
