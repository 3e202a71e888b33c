import Glibc
import Redis
import Synchronization
import Transport

/// The lines of all rooms, which outlive reloads: a place stays what it was whatever changes around it.
///
/// Contention: a mutex taken at start and with each reload.
final class RoomRegistry: Sendable {
    /// What is kept of a room from one configuration to the next.
    private struct Kept {
        let store: any QueueStore
        let memory: RoomMemory
        let log: ReceiptLog
    }

    private let kept = Mutex<[String: Kept]>([:])
    /// Signs where the configuration names no secret.
    let drawnSecret: [UInt8]
    private let sharedSecret: [UInt8]?
    private let node: Int64
    private let redis: (any RedisCommanding)?
    private let limiter: RateLimiter
    private let parkedTotal = ParkedPolls.Total()
    let report: @Sendable (String, [String: String]) -> Void
    /// The process that this one takes over from.
    let predecessor: SuccessionLink?
    /// Whether all that came from it is here.
    let hasSucceeded = Atomic<Bool>(false)
    /// Whether a successor was started: one at a time, since one takes the rooms.
    let isHandingOver = Atomic<Bool>(false)
    /// Whether rooms that are not here are being opened: by one thread at a time.
    let isOpening = Atomic<Bool>(false)
    /// Rooms that it sent in vain: more people may be inside than anybody knows.
    let refused = Mutex<Set<String>>([])
    let stateDirectory: String?

    /// - Parameters:
    ///   - redis: where rooms live that several gateways share; nil if there is none.
    ///   - limiter: counts how often the holder of a ticket asks the store.
    ///   - predecessor: the process that this one takes over from, whose rooms come as soon as this one is ready.
    ///   - report: tells operators what changed.
    init(
        _ configuration: Configuration,
        redis: (any RedisCommanding)?,
        limiter: RateLimiter,
        predecessor: SuccessionLink? = nil,
        report: @escaping @Sendable (String, [String: String]) -> Void
    ) throws(SnapshotError) {
        self.redis = redis
        self.limiter = limiter
        self.report = report
        node = Self.node(configuration)
        self.predecessor = predecessor
        stateDirectory = configuration.stateDirectory
        _ = try Self.secrets(configuration)
        drawnSecret = Self.drawSecret(configuration, inherited: predecessor?.secret(), report)
        let isShared = configuration.rooms.contains { $0.store == .redis }
        if isShared, configuration.signingSecret == nil, let text = configuration.redis.url,
            let url = try? RedisURL(text)
        {
            sharedSecret = SharedSecret.fetch(RedisConfiguration(url))
            if sharedSecret == nil {
                report("Redis holds no signing secret; tickets are good on this gateway alone", [:])
            }
        } else {
            sharedSecret = nil
        }
        guard let predecessor else { return }
        do throws(SystemError) {
            try serve(predecessor)
        } catch {
            throw SnapshotError(problems: ["the rooms of the process before: \(error)"])
        }
    }

    /// The secrets that sign and verify tickets, the present one first; read again with each reload.
    ///
    /// - Throws: a problem for each file that cannot be used.
    static func secrets(_ configuration: Configuration) throws(SnapshotError) -> [[UInt8]] {
        var problems: [String] = []
        let paths =
            [("signing_secret", configuration.signingSecret)]
            + configuration.formerSigningSecrets.map { ("former_signing_secrets", $0) }
        let secrets = paths.compactMap { key, path -> [UInt8]? in
            guard let path else { return nil }
            do throws(FileProblem) {
                return try SecretFile.bytes(of: path)
            } catch {
                problems.append("\(key): \(error)")
                return nil
            }
        }
        guard problems.isEmpty else { throw SnapshotError(problems: problems) }
        return secrets
    }

    /// The room that the configuration describes, over the line that is there already if there is one.
    func room(
        _ room: Configuration.Room,
        in configuration: Configuration,
        secrets: [[UInt8]],
        _ problems: inout [String]
    ) -> WaitingRoom {
        var settings = WaitingRoomSettings(room)
        if let directory = room.pages {
            let loaded = WaitingPages.load(directory)
            settings.pages = loaded.pages
            problems += loaded.problems.map { "room \(room.name): \($0)" }
        }
        let known = keep(settings, isShared: room.store == .redis, configuration)
        var signing = secrets
        if configuration.signingSecret == nil { signing.insert(sharedSecret ?? drawnSecret, at: 0) }
        let named = signing.map { (id: Self.name(of: $0), secret: $0) }
        var environment = WaitingRoom.Environment(
            now: Self.milliseconds,
            pause: Self.pause,
            randomBytes: { Digest.randomBytes($0) }
        )
        environment.report = report
        environment.allows = { [limiter] key in
            limiter.check(
                key.span,
                against: Self.askingLimit,
                nowNanoseconds: Instant.current().nanoseconds
            ).allowed
        }
        environment.secondsUntilPlace = { [limiter] identity, limit in
            let now = Instant.current().nanoseconds
            let decision = limiter.check(identity.span, against: limit, nowNanoseconds: now)
            return decision.allowed ? 0 : max(decision.retryAfterSeconds, 1)
        }
        return WaitingRoom(
            settings: settings,
            keys: RoomKeys(room: settings.name, current: named[0], accepted: Array(named[1...])),
            store: known.store,
            environment: environment,
            memory: known.memory,
            log: known.log,
            neighbours: configuration.neighbours(of: room)
        )
    }

    /// How often one ticket or session may make this node ask the store: more often than anybody is told to poll, with
    /// room for a few tabs.
    private static let askingLimit = RateLimit(
        name: "waiting-room-asking",
        quota: 4,
        windowSeconds: 1,
        burst: 20
    )

    private func keep(
        _ settings: WaitingRoomSettings,
        isShared: Bool,
        _ configuration: Configuration
    ) -> Kept {
        let key = settings.name + (isShared ? " shared" : "")
        return kept.withLock { kept in
            if let present = kept[key] {
                let isComing = (present.store as? MemoryQueueStore)?.isComing == true
                if isComing, !isAwaiting { startOpening() }
                return present
            }
            let new = Kept(
                store: store(settings, isShared: isShared, configuration),
                memory: RoomMemory(parkedTotal: parkedTotal),
                log: ReceiptLog(room: settings.name)
            )
            kept[key] = new
            return new
        }
    }

    private func store(
        _ settings: WaitingRoomSettings,
        isShared: Bool,
        _ configuration: Configuration
    ) -> any QueueStore {
        if isShared, let redis {
            return RedisQueueStore(
                settings: settings,
                redis: redis,
                node: node,
                secret: configuration.signingSecret == nil ? sharedSecret : nil,
                pause: Self.pause
            )
        }
        let now = Self.milliseconds()
        guard !isAwaiting else {
            return MemoryQueueStore(coming: settings, now: now, pause: Self.pause)
        }
        do throws(QueueJournal.Problem) {
            guard let journal = try journal(settings.name) else {
                return MemoryQueueStore(settings: settings, epoch: now / 1_000)
            }
            return MemoryQueueStore(settings: settings, journal: journal, now: now)
        } catch .taken {
            startOpening()
            return MemoryQueueStore(coming: settings, now: now, pause: Self.pause)
        } catch {
            reportUnwritten(settings.name)
            return MemoryQueueStore(settings: settings, epoch: now / 1_000)
        }
    }

    /// The files of a room; nil if there are to be none.
    func journal(_ room: String) throws(QueueJournal.Problem) -> QueueJournal? {
        guard let stateDirectory else { return nil }
        let report = reportWriting(room)
        return try QueueJournal(directory: stateDirectory, room: room, report: report)
    }

    func reportUnwritten(_ room: String) { reportWriting(room)(false) }

    /// Tells operators whether a room's state can be written.
    private func reportWriting(_ room: String) -> @Sendable (Bool) -> Void {
        let fields = ["room": room, "directory": stateDirectory ?? ""]
        return { [report] isWritten in
            report(
                isWritten
                    ? "a room's state is written again: its places survive a restart"
                    : "a room's places will not survive a restart: its state cannot be written",
                fields
            )
        }
    }

    /// The secret that signs where no file names one: the predecessor's, or the one kept beside the rooms' state, or a
    /// new one. Tickets would not survive a restart without it.
    private static func drawSecret(
        _ configuration: Configuration,
        inherited: [UInt8]?,
        _ report: @escaping @Sendable (String, [String: String]) -> Void
    ) -> [UInt8] {
        guard configuration.signingSecret == nil, let directory = configuration.state,
            configuration.rooms.contains(where: { $0.store == .memory })
        else { return inherited ?? Digest.randomBytes(32) }
        let kept = KeptSecret(directory: directory, report: report)
        guard let secret = kept.secret(inherited: inherited) else {
            report(
                "tickets will not survive a restart: the secret that signs them cannot be kept",
                ["directory": directory]
            )
            return inherited ?? Digest.randomBytes(32)
        }
        return secret
    }

    /// Rooms that live in this process, with their chains of admissions.
    var roomsHere: [(name: String, store: MemoryQueueStore, log: ReceiptLog)] {
        kept.withLock { kept in
            kept.compactMap { name, kept in
                (kept.store as? MemoryQueueStore).map { (name, $0, kept.log) }
            }
        }
    }

    func roomHere(_ name: String) -> (store: MemoryQueueStore, log: ReceiptLog)? {
        kept.withLock { kept in
            guard let found = kept[name], let store = found.store as? MemoryQueueStore else {
                return nil
            }
            return (store, found.log)
        }
    }

    /// Names this gateway among those of a room by what stays the same when it is started again.
    private static func node(_ configuration: Configuration) -> Int64 {
        var name = [CChar](repeating: 0, count: 256)
        _ = unsafe gethostname(&name, name.count - 1)
        let host = name.map { UInt8(bitPattern: $0) }.prefix { $0 != 0 }
        let addresses = configuration.listeners.map(\.address.text).joined(separator: " ")
        let digest = Digest.sha256(Array(host) + Array(addresses.utf8))
        return digest.prefix(3).reduce(0) { $0 << 8 | Int64($1) } % ProvisionalPlace.storeNode
    }

    /// What tickets call a secret, so that several can be told apart: a few digits of its hash.
    private static func name(of secret: [UInt8]) -> String {
        Hexadecimal.encode(Array(Digest.sha256(Array("waiting-room key".utf8) + secret).prefix(4)))
    }

    /// Suspends a task of a worker for that long.
    @Sendable static func pause(milliseconds: Int64) async {
        await Reactor.current?.sleep(for: .milliseconds(milliseconds))
    }

    private static let clock = RoomClock()

    /// Milliseconds since 1970, never fewer than before.
    @Sendable static func milliseconds() -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        let wall = Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        return clock.milliseconds(wall: wall, instant: .current())
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
        queueLimit = configuration.queueLimit
        let path = configuration.paths.first.map { String($0.text.prefix { $0 != "*" }) } ?? "/"
        entrance = path.hasPrefix("/") && !path.hasPrefix("//") ? path : "/"
        placesPerClient = configuration.placesPerClient.map {
            RateLimit(
                name: "waiting-room-places-" + configuration.name,
                quota: $0.count,
                windowSeconds: Int($0.period.components.seconds),
                burst: nil
            )
        }
        if configuration.challenge {
            proof = ProofOfWork.Settings(
                leastBits: configuration.challengeBits,
                mostBits: configuration.challengeBitsMost,
                holdSeconds: Int(configuration.challengeHold.components.seconds)
            )
        }
        clientPercent = configuration.clientPercent
        fingerprintPercent = configuration.fingerprintPercent
        status = configuration.status
        mode = configuration.mode
        isRandom = configuration.order == .random
        codes = Dictionary(configuration.codes.map { ($0.code, $0.uses) }) { first, _ in first }
        schedule = configuration.opensAt.map { opensAt in
            RoomSchedule(
                opensAt: opensAt.milliseconds,
                prequeueMilliseconds: configuration.prequeue?.wholeMilliseconds,
                closesAt: configuration.closesAt?.milliseconds,
                everyMilliseconds: configuration.every?.wholeMilliseconds
            )
        }
        latencyTarget = configuration.latencyTarget.map {
            LatencyTarget(
                milliseconds: Int($0.wholeMilliseconds),
                leastCapacity: configuration.leastCapacity
            )
        }
        onStoreLoss =
            switch configuration.onStoreLoss {
            case .hold: .hold
            case .open: .open
            case .closed: .closed
            }
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}

extension Configuration {
    /// The rooms on the hosts of this one.
    fileprivate func neighbours(of room: Room) -> RoomNeighbours {
        let names = rooms.filter { $0.name == room.name || $0.sharesHost(with: room) }.map(\.name)
        let parts = names.split(separator: room.name, omittingEmptySubsequences: false)
        return RoomNeighbours(before: Array(parts.first ?? []), behind: Array(parts.last ?? []))
    }

    /// Where rooms kept in this process write what must survive a restart; nil if nowhere.
    var stateDirectory: String? {
        if let state { return state }
        guard let secret = signingSecret else { return nil }
        guard let slash = secret.lastIndex(of: "/") else { return "." }
        return slash == secret.startIndex ? "/" : String(secret[..<slash])
    }
}

extension Configuration.Room {
    /// Whether there is a host that both rooms are on; a room that names none is on all.
    fileprivate func sharesHost(with other: Configuration.Room) -> Bool {
        guard !hosts.isEmpty, !other.hosts.isEmpty else { return true }
        return hosts.contains { host in
            other.hosts.contains { host.covers($0) || $0.covers(host) }
        }
    }
}
