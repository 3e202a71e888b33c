import HTTP
import Synchronization
import Transport

@testable import Gateway

/// A room with a clock of its own, and visitors who keep their cookies.
final class RoomScene: Sendable {
    let clock = SceneClock()
    let room: WaitingRoom
    let store: MemoryQueueStore

    /// - Parameter seed: where the ids of tickets come from, on which the paces of polls depend; nil for anywhere.
    init(seed: UInt64? = nil, _ change: (inout WaitingRoomSettings) -> Void = { _ in }) {
        var settings = WaitingRoomSettings(name: "onsale")
        settings.capacity = 1
        settings.ratePerSecond = 100
        settings.sessionSeconds = 10
        change(&settings)
        store = MemoryQueueStore(settings: settings, epoch: 3)
        let source = seed.map(SceneBytes.init)
        room = Self.room(
            settings,
            store: store,
            clock: clock,
            randomBytes: { source?.next($0) ?? Digest.randomBytes($0) }
        )
    }

    var now: Int64 { clock.time.load(ordering: .relaxed) }

    /// Lets time pass in steps of a tick.
    func pass(milliseconds: Int64) async {
        for _ in 0..<(milliseconds / 100) {
            clock.time.add(100, ordering: .relaxed)
            await room.tick()
        }
    }

    /// - Parameters:
    ///   - hears: whether the store lets time pass, and hears of the queue, in the pauses of requests.
    ///   - ahead: how much later it is by the room's own clock.
    static func room(
        _ settings: WaitingRoomSettings,
        store: any QueueStore,
        clock: SceneClock,
        hears: Bool = true,
        ahead: Int64 = 0,
        randomBytes: @escaping @Sendable (Int) -> [UInt8] = { Digest.randomBytes($0) },
        paused: @escaping @Sendable (Int64) async -> Void = { _ in }
    ) -> WaitingRoom {
        let secret = [UInt8](repeating: 9, count: 32)
        return WaitingRoom(
            settings: settings,
            keys: RoomKeys(room: settings.name, current: (id: "k1", secret: secret)),
            store: store,
            environment: WaitingRoom.Environment(
                now: { clock.time.load(ordering: .relaxed) + ahead },
                pause: { milliseconds in
                    clock.time.add(milliseconds, ordering: .relaxed)
                    await paused(milliseconds)
                    guard hears else { return }
                    try? await store.tick(now: clock.time.load(ordering: .relaxed) + ahead)
                },
                randomBytes: randomBytes
            )
        )
    }
}

/// Bytes that are the same in each run.
private final class SceneBytes: Sendable {
    private let generator: Mutex<SeededGenerator>

    init(seed: UInt64) { generator = Mutex(SeededGenerator(seed: seed)) }

    func next(_ count: Int) -> [UInt8] {
        generator.withLock { generator in
            (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        }
    }
}

/// Time that tests move by hand.
final class SceneClock: Sendable {
    let time = Atomic<Int64>(1_795_000_000_000)
}

/// A store that is away whenever the test says so.
final class FlakyQueueStore: QueueStore {
    let isAway = Atomic<Bool>(false)
    /// How many answers it was told of.
    let answers = Atomic<Int>(0)
    private let store: MemoryQueueStore

    let isShared: Bool

    init(_ store: MemoryQueueStore, isShared: Bool = false) {
        self.store = store
        self.isShared = isShared
    }

    private func check() throws(QueueStoreError) {
        if isAway.load(ordering: .relaxed) { throw .away }
    }

    func snapshot() -> QueueSnapshot { store.snapshot() }
    func isCurrent(since moment: Int64) -> Bool { true }
    var clockOffset: Int64 { 0 }
    var control: RoomControl { store.control }
    func register(
        opensAt: Int64,
        key: Int64,
        insteadOf provisional: ProvisionalPlace?,
        now: Int64
    ) async throws(QueueStoreError) -> QueueRegistration? {
        try check()
        return try await store.register(
            opensAt: opensAt,
            key: key,
            insteadOf: provisional,
            now: now
        )
    }
    func withdraw(_ index: Int64, of name: Int64, epoch: Int64, now: Int64)
        async throws(QueueStoreError)
    {
        try check()
        try await store.withdraw(index, of: name, epoch: epoch, now: now)
    }
    func withdrawn(from draw: QueueDraw, now: Int64) async throws(QueueStoreError) -> [Int64] {
        try check()
        return try await store.withdrawn(from: draw, now: now)
    }
    func provision(now: Int64) -> ProvisionalPlace {
        ProvisionalPlace(milliseconds: now, node: 1, sequence: 1)
    }
    func place(_ provisional: ProvisionalPlace, now: Int64) async throws(QueueStoreError)
        -> QueuePlace?
    {
        try check()
        return try await store.place(provisional, now: now)
    }
    func invite(_ position: Int64, moves: Int64, invitation: Invitation, now: Int64)
        async throws(QueueStoreError) -> Bool
    {
        try check()
        return try await store.invite(position, moves: moves, invitation: invitation, now: now)
    }
    func offer(_ offer: QueueOffer, code: String, now: Int64) async throws(QueueStoreError) -> Bool {
        try check()
        return try await store.offer(offer, code: code, now: now)
    }
    func redeem(_ code: String, now: Int64) async throws(QueueStoreError) -> QueueOffer? {
        try check()
        return try await store.redeem(code, now: now)
    }
    func extend(_ session: SessionID, until: Int64, now: Int64) -> Int64? {
        until > now ? now + 10_000 : nil
    }
    var failure: String? { nil }
    func configure(_ rules: QueueRules, now: Int64) async throws(QueueStoreError) {
        try check()
        try await store.configure(rules, now: now)
    }
    func decide(_ control: RoomControl, now: Int64) async throws(QueueStoreError) {
        try check()
        try await store.decide(control, now: now)
    }
    func admissions(after index: Int64, limit: Int, now: Int64) async throws(QueueStoreError)
        -> [Admission]
    {
        try check()
        return try await store.admissions(after: index, limit: limit, now: now)
    }
    func touch(_ session: SessionID, now: Int64) -> SessionStanding {
        isAway.load(ordering: .relaxed) ? .unknown : store.touch(session, now: now)
    }
    func noteAnswer(to session: SessionID, now: Int64) {
        answers.add(1, ordering: .relaxed)
        store.noteAnswer(to: session, now: now)
    }
    func mark(_ position: Int64, aliveUntil: Int64) { store.mark(position, aliveUntil: aliveUntil) }
    func join(aliveUntil: Int64, now: Int64) async throws(QueueStoreError) -> QueuePlace? {
        try check()
        return try await store.join(aliveUntil: aliveUntil, now: now)
    }
    func claim(_ claim: QueueTurn, now: Int64) async throws(QueueStoreError) -> QueueClaim {
        try check()
        return try await store.claim(claim, now: now)
    }
    func renew(_ session: SessionID, adopts: Bool, now: Int64) async throws(QueueStoreError)
        -> Int64?
    {
        try check()
        return try await store.renew(session, adopts: adopts, now: now)
    }
    func leave(_ session: SessionID, now: Int64) async throws(QueueStoreError) {
        try check()
        try await store.leave(session, now: now)
    }
    func giveUp(_ position: Int64, moves: Int64, now: Int64) async throws(QueueStoreError) {
        try check()
        try await store.giveUp(position, moves: moves, now: now)
    }
    func tick(now: Int64) async throws(QueueStoreError) {
        try check()
        try await store.tick(now: now)
    }
}

/// What came back, in a form that expectations can name.
struct SceneAnswer: Sendable {
    var status: Int
    var fields: [String: String] = [:]
    var body = ""
    /// The session the request was proxied for.
    var session: SessionID?
    /// From when it counts anew.
    var renewedAt: Int64 = 0

    var isProxied: Bool { status == 0 }
    var waitingRoom: String { fields["Waiting-Room"] ?? "" }
}

/// A client with a cookie jar.
struct SceneVisitor: Sendable {
    var place: String?
    var admission: String?
    /// What it calls itself.
    var agent = "Browser"
    var prefersJSON = true
    /// The network it comes from.
    var client = ""
    /// A code with which it may go before the line.
    var invitation: String?

    func request(in room: String = "onsale") -> WaitingRequest {
        var cookies = WaitingRoomCookies.Shown()
        cookies.place.plain = place.map { TokenReader(.kept($0), of: room) }
        cookies.admission.plain = admission.map { TokenReader(.kept($0), of: room) }
        return WaitingRequest(
            cookies: cookies,
            invitation: invitation.map { .kept($0) },
            agent: .kept(agent),
            client: Array(client.utf8),
            preferences: WaitingPreferences(
                accept: prefersJSON ? .json : .html
            )
        )
    }

    mutating func visit(_ room: WaitingRoom) async -> SceneAnswer {
        switch await room.admit(request(in: room.settings.name)) {
        case .proxy(let session, let setCookies, let renewedAt):
            keep(setCookies)
            return SceneAnswer(status: 0, session: session, renewedAt: renewedAt)
        case .answer(let answer): return receive(answer)
        }
    }

    mutating func poll(_ room: WaitingRoom) async -> SceneAnswer {
        receive(await room.status(request(in: room.settings.name)))
    }

    mutating func leave(_ room: WaitingRoom, givesUpPlace: Bool = false) async -> SceneAnswer {
        receive(await room.leave(request(in: room.settings.name), givesUpPlace: givesUpPlace))
    }

    mutating func receive(_ report: WaitingReport) -> SceneAnswer {
        receive(Response(report, through: OutputBuffer()))
    }

    mutating func receive(_ answer: WaitingAnswer) -> SceneAnswer { receive(Response(answer)) }

    private mutating func receive(_ response: Response) -> SceneAnswer {
        let lines = response.contentFieldLines
        keep(lines.filter { $0.name == "Set-Cookie" }.map(\.value))
        return SceneAnswer(
            status: response.status,
            fields: Dictionary(lines.map { ($0.name, $0.value) }) { first, _ in first },
            body: response.text
        )
    }

    mutating func keep(_ setCookies: [String]) {
        for cookie in setCookies {
            let pair = cookie.prefix { $0 != ";" }.split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            guard pair.count == 2 else { continue }
            let value = pair[1].isEmpty ? nil : String(pair[1])
            if pair[0].hasSuffix("wr") { place = value } else { admission = value }
        }
    }
}

extension ByteView {
    private static let kept = Mutex<[String: UInt]>([:])

    /// Text in a place that is never given back, as that of a request stays while it is answered.
    static func kept(_ text: String) -> ByteView {
        let place = kept.withLock { kept in
            if let place = kept[text] { return place }
            let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count + 1)
            _ = unsafe bytes.initialize(from: text.utf8)
            let place = UInt(bitPattern: bytes.baseAddress)
            kept[text] = place
            return place
        }
        let bytes = unsafe UnsafeRawBufferPointer(
            start: UnsafeRawPointer(bitPattern: place),
            count: text.utf8.count
        )
        return unsafe ByteView(bytes)
    }
}

extension Negotiation {
    static var json: Negotiation? { unsafe keptJSON }
    static var html: Negotiation? { unsafe keptHTML }

    // Unsafe for the head's storage: made once, and only read from then on.
    nonisolated(unsafe) private static let keptJSON = accepting("application/json")
    // Unsafe as above.
    nonisolated(unsafe) private static let keptHTML = accepting("text/html")

    /// What a client says that sends this in `Accept`, or no such field.
    static func accepting(_ types: String?) -> Negotiation? {
        let head = try? Heads.get("/", types.map { ["Accept: \($0)"] } ?? [])
        return head.map { Negotiation($0.fields) }
    }
}
