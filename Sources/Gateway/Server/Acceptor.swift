import HTTP
import Logging
import Synchronization
import Transport

/// Lets the connections of clients in, as many as there is room for, and knows those that are open.
///
/// Confined to its worker, which owns it.
final class Acceptor {
    private unowned let worker: Worker
    private var connections: [ObjectIdentifier: Connection] = [:]
    private var waitingCount = 0
    private var farewellCount = 0

    init(for worker: Worker) { self.worker = worker }

    private var reactor: Reactor { worker.reactor }
    private var counters: WorkerCounters { worker.counters }
    private var limit: ConnectionLimit { worker.shared.connectionLimit }

    /// So many connections begin in one turn of the loop at most: a crowd of handshakes keeps nobody waiting who is
    /// connected already.
    private static let acceptsPerTurn = 2

    /// Accepts connections until the socket is closed.
    func accept(at listener: Configuration.Listener, from socket: ListeningSocket) async {
        var accepted = 0
        while true {
            do throws(SystemError) {
                while worker.overloadLevel == .notAccepting {
                    await reactor.sleep(for: .milliseconds(50))
                }
                guard let (stream, peer) = try await socket.accept() else { return }
                await admit(stream, from: peer, at: listener)
                accepted &+= 1
                if accepted % Self.acceptsPerTurn == 0 { await reactor.yield() }
            } catch {
                // Out of descriptors: connections wait in the kernel's queue until some are free again.
                worker.log.warning("cannot accept", ["error": error.description])
                evict(from: nil, silentFor: Self.strangerSilenceNanoseconds)
                await reactor.sleep(for: .milliseconds(20))
            }
        }
    }

    private func admit(
        _ stream: ByteStream,
        from peer: SocketAddress,
        at listener: Configuration.Listener
    ) async {
        switch await place(for: peer) {
        case .open(let place): serve(stream, from: peer, at: listener, place: place)
        case .refused(let refusal):
            guard refusal == .client, waitingCount < Self.waitingLimit, hurry(peer) else {
                return refuse(stream, at: listener)
            }
            waitingCount += 1
            reactor.spawn(with: (self, stream, peer, listener)) {
                acceptor,
                stream,
                peer,
                listener in
                await acceptor.wait(stream, from: peer, at: listener)
            }
        }
    }

    /// A place, also one that had to be made first.
    private func place(for peer: SocketAddress) async -> ConnectionLimit.Opening {
        switch opening(for: peer) {
        case .open(let place): return .open(place)
        case .refused(let refusal):
            guard makeRoom(for: peer, refusal) else { return .refused(refusal) }
            // The connection that was closed gives its place back when its task has ended.
            await reactor.yield()
            return opening(for: peer)
        }
    }

    // MARK: Refusing

    /// Connections that are told at a time why they are refused, and how much of what each says meanwhile is read.
    private static let farewellLimit = 64
    private static let farewellBlocks = 16
    private static let farewell: StaticString = """
        HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n
        """

    /// Says why, if that takes no handshake, for which there is no room either.
    private func refuse(_ stream: ByteStream, at listener: Configuration.Listener) {
        counters.connectionsRefused.add(1, ordering: .relaxed)
        guard !listener.tls, farewellCount < Self.farewellLimit else { return stream.close() }
        farewellCount += 1
        reactor.spawn(with: (self, stream)) { acceptor, stream in await acceptor.dismiss(stream) }
    }

    /// Goes on reading for a moment, since closing on unread bytes would make the kernel take the answer back.
    private func dismiss(_ stream: ByteStream) async {
        defer {
            farewellCount -= 1
            stream.close()
        }
        // Whoever takes not even this is told nothing.
        _ = try? stream.writeNow(ByteView(Self.farewell))
        stream.finishSending()
        let deadline = reactor.now.advanced(by: .seconds(1))
        for _ in 0..<Self.farewellBlocks {
            guard (try? await stream.waitReadable(until: deadline)) != nil else { return }
            let block = unsafe reactor.buffers.lend()
            defer { unsafe reactor.buffers.takeBack(block) }
            guard let count = try? unsafe stream.readNow(into: block), count > 0 else { return }
        }
    }

    // MARK: Waiting for a place

    /// Connections that wait for the answers that were hurried for them.
    private static let waitingLimit = 256
    private static let waitingStep = Duration.milliseconds(25)
    private static let waitingSteps = 80

    /// Has a poll answered that the client keeps open: its place is free in a moment.
    private func hurry(_ peer: SocketAddress) -> Bool {
        guard case .ip(let address, _) = peer else { return false }
        return worker.shared.parkedConnections.hurry(ClientPrefix(address))
    }

    private func wait(
        _ stream: ByteStream,
        from peer: SocketAddress,
        at listener: Configuration.Listener
    ) async {
        defer { waitingCount -= 1 }
        for _ in 0..<Self.waitingSteps where !worker.isDraining {
            await reactor.sleep(for: Self.waitingStep)
            switch opening(for: peer) {
            case .open(let place):
                return serve(stream, from: peer, at: listener, place: place)
            case .refused: continue
            }
        }
        refuse(stream, at: listener)
    }

    private func serve(
        _ stream: ByteStream,
        from peer: SocketAddress,
        at listener: Configuration.Listener,
        place: consuming ConnectionLimit.Place
    ) {
        let connection = Connection(stream, from: peer, at: listener, place: place, worker: worker)
        connections[ObjectIdentifier(connection)] = connection
        counters.connectionsAccepted.add(1, ordering: .relaxed)
        counters.connectionsOpen.add(1, ordering: .relaxed)
        reactor.spawn(with: (self, connection)) { await $0.attend(to: $1) }
    }

    /// Peers that speak for many clients, trusted forwarders and Unix-domain ones, count as one connection among all.
    private func opening(for peer: SocketAddress) -> ConnectionLimit.Opening {
        guard case .ip(let address, _) = peer, !worker.snapshot.clientAddress.trusts(address) else {
            return limit.openUncounted()
        }
        return limit.open(ClientPrefix(address))
    }

    // MARK: Making room

    /// Silence after which a connection may be closed for another of the same client, and for one of anybody.
    private static let ownSilenceNanoseconds: UInt64 = 250_000_000
    private static let strangerSilenceNanoseconds: UInt64 = 1_000_000_000
    private static let evictionSearchLimit = 1024

    /// Closes the most silent connection of the client who has too many, or of anybody if there are too many in all.
    private func makeRoom(for peer: SocketAddress, _ refusal: ConnectionLimit.Refusal) -> Bool {
        guard refusal == .client, case .ip(let address, _) = peer else {
            return evict(from: nil, silentFor: Self.strangerSilenceNanoseconds)
        }
        return evict(from: ClientPrefix(address), silentFor: Self.ownSilenceNanoseconds)
    }

    /// Whoever keeps this worker waiting for longest has to go; a slow attack thus takes places from itself alone.
    @discardableResult
    private func evict(from client: ClientPrefix?, silentFor least: UInt64) -> Bool {
        var victim: Connection?
        var longest = least
        for connection in connections.values.prefix(Self.evictionSearchLimit) {
            guard let silence = connection.silenceNanoseconds, silence >= longest,
                client == nil || connection.client == client
            else { continue }
            victim = connection
            longest = silence
        }
        guard let victim else { return false }
        victim.close()
        counters.connectionsEvicted.add(1, ordering: .relaxed)
        return true
    }

    // MARK: Serving

    /// Serves a connection until it ends or sleeps; a sleeping one has no task.
    private func attend(to connection: Connection) async {
        if let deadline = await connection.serve() {
            counters.connectionsAsleep.add(1, ordering: .relaxed)
            let worker = worker
            return connection.sleep(until: deadline) { connection, wake in
                await worker.acceptor.wake(connection, wake)
            }
        }
        forget(connection)
    }

    private func wake(_ connection: Connection, _ reason: Wake) async {
        counters.connectionsAsleep.subtract(1, ordering: .relaxed)
        if connection.goesOn(after: reason) { return await attend(to: connection) }
        connection.close()
        forget(connection)
    }

    private func forget(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
        counters.connectionsOpen.subtract(1, ordering: .relaxed)
    }

    // MARK: Ending

    /// Ends the connections that wait for a request, the others with their present one.
    ///
    /// - Parameter keepsIdle: whether one more request is waited for on each, which may be on its way.
    func beginDraining(keepsIdle: Bool) {
        for connection in connections.values { connection.beginDraining(keepsIdle: keepsIdle) }
    }
}
