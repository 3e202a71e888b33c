import Synchronization
import Transport

/// One worker's connections to the servers of one upstream. Confined to its worker.
final class UpstreamPool {
    /// One server, as this worker uses it.
    final class Server {
        let state: ServerState
        fileprivate var idle: [UpstreamConnection] = []
        fileprivate var sessions: [UpstreamSession] = []
        fileprivate var opening: Opening?
        var inFlightCount: Int { shares.count + streamCount }
        fileprivate var streamCount = 0
        fileprivate var openCount = 0
        fileprivate var shares = ClientShares()

        init(_ state: ServerState) { self.state = state }
    }

    /// A connection of HTTP/2 that is being opened, and who waits for it.
    fileprivate final class Opening {
        var waiters: [Waiter] = []
        var failure: Failure?
    }

    let upstream: Upstream
    private let reactor: Reactor
    private let outputs: OutputPool
    private(set) var servers: [Server]
    private var turn = 0

    init(_ upstream: Upstream, on reactor: Reactor, through outputs: OutputPool) {
        self.upstream = upstream
        self.reactor = reactor
        self.outputs = outputs
        servers = upstream.servers.map(Server.init)
    }

    /// Keeps the idle connections of servers that stayed when the configuration changed.
    func inherit(from older: UpstreamPool) {
        for server in servers {
            guard let old = older.servers.first(where: { $0.state === server.state }) else {
                continue
            }
            server.idle = old.idle
            server.openCount = old.idle.count
            old.idle = []
            server.sessions = old.sessions
            old.sessions = []
        }
        older.closeIdle()
    }

    /// The server for the next request, or nil if none can take one.
    ///
    /// - Parameter tried: servers that failed this request already.
    func pick(excluding tried: [ServerState]) -> Server? {
        let now = reactor.now
        turn &+= 1
        var best: Server?
        for offset in servers.indices {
            let server = servers[(turn &+ offset) % servers.count]
            guard server.state.isUsable(at: now), !tried.contains(where: { $0 === server.state })
            else { continue }
            if upstream.configuration.balance == .roundRobin { return server }
            if server.inFlightCount < best?.inFlightCount ?? .max { best = server }
        }
        // Everybody is being sat out: a doubtful server is better than none.
        return best
            ?? servers.first { server in
                server.state.passesHealthChecks && !tried.contains { $0 === server.state }
            }
    }

    /// A connection to `server` for one request: a kept one if there is, unless `fresh` is asked for.
    ///
    /// - Parameter client: who asked for it. One client gets seven eighths of the connections at most, so that
    ///   something is left for others whatever it does.
    @inline(__always)
    func lease(_ server: Server, fresh: Bool, for client: IPAddress? = nil) async throws(Failure)
        -> UpstreamConnection
    {
        let share = clientShare
        if server.shares.count >= share, let client, server.shares.count(of: client) >= share {
            throw .upstream(.busyUpstream, server.state.name, retry: .always, detail: "one client")
        }
        if !fresh, let kept = leaseKept(server, for: client) { return kept }
        return try await open(server, for: client)
    }

    private var clientShare: Int {
        let count = upstream.configuration.connectionCount
        return count - count / 8
    }

    private func leaseKept(_ server: Server, for client: IPAddress?) -> UpstreamConnection? {
        while let connection = server.idle.popLast() {
            let age = reactor.now.nanoseconds(since: connection.idleSince)
            if connection.isReusable, age < upstream.idleNanoseconds {
                connection.place = server.shares.take(for: client)
                connection.lender = (self, server)
                return connection
            }
            discard(connection, of: server)
        }
        return nil
    }

    private func open(_ server: Server, for client: IPAddress?) async throws(Failure)
        -> UpstreamConnection
    {
        guard server.openCount < upstream.configuration.connectionCount else {
            throw .upstream(.busyUpstream, server.state.name, retry: .always)
        }
        server.openCount += 1
        let place = server.shares.take(for: client)
        do throws(Failure) {
            let connection = UpstreamConnection(try await connect(server))
            connection.place = place
            connection.lender = (self, server)
            return connection
        } catch {
            server.openCount -= 1
            server.shares.giveBack(place)
            throw error
        }
    }

    /// A connection of HTTP/2 to `server` with room for one more request. Requests that come while one is being opened
    /// wait for it instead of opening more, and share its failure.
    func leaseSession(_ server: Server) async throws(Failure) -> UpstreamSession {
        while true {
            if let session = server.sessions.first(where: \.hasRoom) {
                server.streamCount += 1
                return session
            }
            guard let opening = server.opening else { break }
            let waiter = Waiter()
            opening.waiters.append(waiter)
            _ = await reactor.wait(for: waiter, until: .distantFuture)
            if let failure = opening.failure { throw failure }
        }
        sweepSessions(of: server)
        // Those that take no more requests end with the ones they have.
        guard server.sessions.count(where: \.isOpen) < upstream.configuration.connectionCount else {
            throw .upstream(.busyUpstream, server.state.name, retry: .always)
        }
        return try await openSession(server)
    }

    private func openSession(_ server: Server) async throws(Failure) -> UpstreamSession {
        let opening = Opening()
        server.opening = opening
        defer {
            server.opening = nil
            for waiter in opening.waiters { waiter.wake(.ready) }
        }
        do throws(Failure) {
            let session = UpstreamSession(try await connect(server), upstream, through: outputs)
            server.sessions.append(session)
            server.streamCount += 1
            return session
        } catch {
            opening.failure = error
            throw error
        }
    }

    private func connect(_ server: Server) async throws(Failure) -> ByteStream {
        do throws(StreamError) {
            let deadline = reactor.now.advanced(byNanoseconds: upstream.connectNanoseconds)
            return try await .connect(to: server.state.address, on: reactor, until: deadline)
        } catch {
            server.state.noteFailure(at: reactor.now, ejection: upstream.configuration.ejection)
            let kind: Failure.Kind = error.isTimeout ? .upstreamConnectTimeout : .upstreamConnect
            throw .upstream(kind, server.state.name, retry: .always, detail: error.text)
        }
    }

    /// Notes that a request on a stream has ended.
    func giveBack(_ server: Server) { server.streamCount -= 1 }

    /// Takes back a connection after a request; it is kept if it may serve another.
    func giveBack(_ connection: UpstreamConnection, to server: Server, reusable: Bool) {
        server.shares.giveBack(connection.place)
        connection.user = nil
        connection.lender = nil
        guard reusable, connection.isReusable, !upstream.namesClients,
            connection.requestCount < upstream.configuration.requestsPerConnection,
            server.idle.count < upstream.configuration.keepAliveCount
        else {
            discard(connection, of: server)
            return
        }
        connection.input.release()
        connection.idleSince = reactor.now
        server.idle.append(connection)
    }

    private func discard(_ connection: UpstreamConnection, of server: Server) {
        connection.close()
        server.openCount -= 1
    }

    /// Closes connections that were idle for too long or that the server has closed.
    func sweep() {
        for server in servers {
            let stale = server.idle.filter {
                !$0.isReusable
                    || reactor.now.nanoseconds(since: $0.idleSince) >= upstream.idleNanoseconds
            }
            sweepSessions(of: server)
            guard !stale.isEmpty else { continue }
            server.idle.removeAll { connection in stale.contains { $0 === connection } }
            for connection in stale { discard(connection, of: server) }
        }
    }

    private func sweepSessions(of server: Server) {
        guard !server.sessions.isEmpty else { return }
        let now = reactor.now
        for session in server.sessions where session.isStale(at: now) { session.close() }
        server.sessions.removeAll { $0.isGone || $0.isStale(at: now) }
    }

    func closeIdle() {
        for server in servers {
            for session in server.sessions { session.close() }
            server.sessions = []
            for connection in server.idle { discard(connection, of: server) }
            server.idle = []
        }
    }
}
