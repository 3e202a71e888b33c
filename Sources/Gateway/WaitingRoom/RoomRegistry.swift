import Glibc
import Synchronization
import Transport

/// The lines of all rooms, which outlive reloads: a place stays what it was whatever changes around it.
///
/// Contention: a mutex taken at start and with each reload.
final class RoomRegistry: Sendable {
    private let stores = Mutex<[String: MemoryQueueStore]>([:])
    private let secret: [UInt8]
    private let redis: (any RedisCommanding)?

    /// Reads the signing secret; without one, tickets live as long as the process.
    init(_ configuration: Configuration, redis: (any RedisCommanding)?) throws(SnapshotError) {
        self.redis = redis
        guard let path = configuration.signingSecret else {
            secret = Digest.randomBytes(32)
            return
        }
        guard let text = TextFile.read(path), text.utf8.count >= 32 else {
            throw SnapshotError(problems: ["signing_secret: \(path) has to hold at least 32 bytes"])
        }
        secret = Array(text.utf8)
    }

    /// The room that the configuration describes, over the line that is there already if there is one.
    func room(_ configuration: Configuration.Room, isOnlyRoom: Bool) -> WaitingRoom {
        let settings = WaitingRoomSettings(configuration)
        return WaitingRoom(
            settings: settings,
            keys: RoomKeys(room: settings.name, current: ("k1", secret)),
            store: store(settings, isShared: configuration.store == .redis),
            environment: .init(
                now: Self.milliseconds,
                pause: Self.pause,
                randomBytes: { Digest.randomBytes($0) }
            ),
            isOnlyRoomOfHost: isOnlyRoom
        )
    }

    /// A line on Redis lives there; one in process is kept here.
    private func store(_ settings: WaitingRoomSettings, isShared: Bool) -> any QueueStore {
        if isShared, let redis {
            return RedisQueueStore(settings: settings, redis: redis, pause: Self.pause)
        }
        return stores.withLock { stores in
            if let present = stores[settings.name] {
                present.configure(settings, now: Self.milliseconds())
                return present
            }
            let store = MemoryQueueStore(settings: settings, epoch: Self.milliseconds() / 1000)
            stores[settings.name] = store
            return store
        }
    }

    /// Suspends a task of a worker for that long.
    @Sendable static func pause(milliseconds: Int64) async {
        await Reactor.current?.sleep(for: .milliseconds(milliseconds))
    }

    /// Milliseconds since 1970.
    @Sendable private static func milliseconds() -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

extension WaitingRoomSettings {
    init(_ configuration: Configuration.Room) {
        self.init(name: configuration.name)
        capacity = configuration.capacity
        ratePerSecond = configuration.rate.perSecond
        burst = configuration.burst
        sessionSeconds = Int(configuration.session.components.seconds)
        leaseSeconds = min(Int(configuration.lease.components.seconds), sessionSeconds)
        graceSeconds = Int(configuration.grace.components.seconds)
        status = configuration.status
        onStoreLoss =
            switch configuration.onStoreLoss {
            case .hold: .hold
            case .open: .open
            case .closed: .closed
            }
    }
}
