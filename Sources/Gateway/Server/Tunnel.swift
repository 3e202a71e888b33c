import HTTP
import Synchronization
import Transport

/// A WebSocket between a client and a server that have both agreed to it: bytes both ways until one side has enough.
///
/// It belongs to no configuration, so that a reload leaves it alone; it ends with the gateway, or when nothing was said
/// for the idle time. Confined to its worker.
final class Tunnel {
    private let pool: UpstreamPool
    private let server: UpstreamPool.Server
    private let connection: UpstreamConnection
    private let policy: TunnelPolicy
    private var heardAt: Instant
    private var isFinished = false
    private var isThereOver = false
    private var isBackOver = false
    /// Whether a way has ended by a failure, so that there is nothing to wait for on the other.
    private var isBroken = false
    private let thereEnded = Waiter()
    private let backEnded = Waiter()

    /// How long one side may still send when the other has finished.
    private static let farewellNanoseconds: UInt64 = 5_000_000_000

    init(
        over connection: UpstreamConnection,
        to server: UpstreamPool.Server,
        in pool: UpstreamPool,
        _ policy: TunnelPolicy
    ) {
        self.connection = connection
        self.server = server
        self.pool = pool
        self.policy = policy
        heardAt = connection.stream.reactor.now
        policy.counters.tunnelsOpen.add(1, ordering: .relaxed)
    }

    deinit { finish() }

    private var reactor: Reactor { connection.stream.reactor }

    /// Appends the head that tells the client, in its version's way, that the server has agreed; without its end.
    func appendHead(for exchange: Exchange, to output: OutputBuffer) {
        let isExtended = exchange.head.isExtendedConnect
        output.appendStatusLine(isExtended ? 200 : 101)
        let fields = connection.parser.head.fields
        for index in 0..<fields.count where fields.isForClient(index) {
            // The key that the server has accepted was the gateway's own, if the client spoke HTTP/2.
            if isExtended, fields.known(index) == .secWebSocketAccept { continue }
            output.appendField(index, of: fields)
        }
        if !isExtended { output.append("connection: Upgrade\r\nupgrade: websocket\r\n") }
    }

    /// Carries bytes until both sides have finished, and returns how many went to the client.
    func run(
        from client: any ContentSource,
        to sink: any ResponseSink,
        writeNanoseconds: UInt64
    ) async -> Int {
        let upstream = ConnectionContent(connection.stream, connection.input)
        let there = Direction(from: client, to: connection.stream, writeNanoseconds)
        let back = Direction(from: upstream, to: sink, writeNanoseconds)
        reactor.spawn(with: (self, there)) { tunnel, there in
            await tunnel.carry(there)
            tunnel.isThereOver = true
            tunnel.thereEnded.wake(.ready)
            await tunnel.endBack()
        }
        await carry(back)
        isBackOver = true
        backEnded.wake(.ready)
        await endThere(client)
        finish()
        return back.count
    }

    /// The server has finished: the client has a moment to do so as well.
    private func endThere(_ client: any ContentSource) async {
        if !isBroken { _ = await reactor.wait(for: thereEnded, until: farewell) { isThereOver } }
        if !isThereOver { client.stopReceiving() }
        while !isThereOver {
            _ = await reactor.wait(for: thereEnded, until: .distantFuture) { isThereOver }
        }
    }

    /// The client has finished: the server has a moment to do so as well.
    private func endBack() async {
        guard !isBackOver else { return }
        _ = await reactor.wait(for: backEnded, until: farewell) { isBackOver }
        connection.stream.close()
    }

    /// One of the two ways.
    private final class Direction {
        let source: any ContentSource
        let sink: any ResponseSink
        let writeNanoseconds: UInt64
        var count = 0
        /// What went wrong while no task was at it.
        var failure: StreamError?

        init(from source: any ContentSource, to sink: any ResponseSink, _ writeNanoseconds: UInt64) {
            self.source = source
            self.sink = sink
            self.writeNanoseconds = writeNanoseconds
        }
    }

    private var farewell: Instant { reactor.now.advanced(byNanoseconds: Self.farewellNanoseconds) }

    private func carry(_ way: Direction) async {
        do throws(StreamError) {
            while try await carryPiece(way) { heardAt = reactor.now }
            try await way.sink.end(until: farewell)
        } catch {
            // With one way broken the other is of no use.
            isBroken = true
            connection.stream.close()
        }
    }

    /// Sends on what can leave at once of what has come, and returns how much that was.
    private func passOn(_ piece: ByteView, _ way: Direction) -> Int {
        do throws(StreamError) {
            let sent = try way.sink.sendNow(piece)
            way.count += sent
            heardAt = reactor.now
            return sent
        } catch {
            way.failure = error
            return 0
        }
    }

    /// Waits for bytes and sends them on; false at the end.
    @inline(__always)
    private func carryPiece(_ way: Direction) async throws(StreamError) -> Bool {
        while way.source.receivedCount == 0 {
            guard way.source.makeRoom() else { return false }
            do throws(StreamError) {
                let idleEnd = heardAt.advanced(byNanoseconds: policy.idleNanoseconds)
                let count = try await way.source.receive(
                    offering: { self.passOn($0, way) },
                    until: idleEnd
                )
                if let failure = way.failure { throw failure }
                guard count > 0 else { return false }
            } catch {
                // The other way may have been in use meanwhile.
                let idle = reactor.now.nanoseconds(since: heardAt)
                guard error.isTimeout, idle < policy.idleNanoseconds else { throw error }
            }
        }
        let piece = way.source.readable
        let sent = try way.sink.sendNow(piece)
        if sent < piece.count {
            try await way.sink.send(
                piece.dropFirst(sent),
                headBytes: 0,
                isLast: false,
                trailers: nil,
                until: reactor.now.advanced(byNanoseconds: way.writeNanoseconds)
            )
        }
        way.count += piece.count
        way.source.consume(piece.count)
        return true
    }

    /// Gives the connection back, which cannot be used for requests any more.
    private func finish() {
        guard !isFinished else { return }
        isFinished = true
        policy.counters.tunnelsOpen.subtract(1, ordering: .relaxed)
        pool.giveBack(connection, to: server, reusable: false)
    }
}

/// How many WebSockets one worker carries, and for how long without a word.
struct TunnelPolicy {
    let limit: Int
    let idleNanoseconds: UInt64
    let counters: WorkerCounters

    init(_ snapshot: Snapshot, workerCount: Int, counters: WorkerCounters) {
        let all = snapshot.configuration.limits.tunnelCount
        limit = (all + workerCount - 1) / max(1, workerCount)
        idleNanoseconds = snapshot.deadlines.tunnel
        self.counters = counters
    }

    /// Keeps room for one more while a server is asked for it; false if there is none.
    func reserve() -> Bool {
        let count =
            counters.tunnelsOpen.load(ordering: .relaxed)
            + counters.tunnelsAsked.load(ordering: .relaxed)
        guard count < limit else { return false }
        counters.tunnelsAsked.add(1, ordering: .relaxed)
        return true
    }

    /// The server has answered: a tunnel that it agreed to is counted as open by now.
    func endReservation() { counters.tunnelsAsked.subtract(1, ordering: .relaxed) }
}

extension Exchange {
    /// Whether the client asks for a WebSocket, the only protocol that is switched to.
    var wantsWebSocket: Bool {
        guard let wanted = head.upgrade, head.method == .get, head.framing == .none else {
            return false
        }
        return wanted.equalsIgnoringCase("websocket")
            && (head.isExtendedConnect || head.fields.contains(.secWebSocketKey))
    }
}
