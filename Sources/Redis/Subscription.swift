public import Transport

/// Messages of the channels of a pattern, on a connection of its own that is made again whenever it is lost.
///
/// Redis keeps no message for a subscriber that is away. After each new connection the handler is told of the gap, so
/// that it can fetch the present state, and nothing is lost unnoticed.
public final class Subscription: @unchecked Sendable {
    // Unchecked: confined to its reactor's thread, as `close` checks; everything else runs in its own task there.

    /// What a subscriber is told, in order.
    public enum Event: Sendable, Equatable {
        /// They are subscribed to. What was published before is missed: between two of these lies a gap.
        case subscribed
        case message(channel: String, payload: [UInt8])
        /// The connection was lost or could not be made, and why; it is tried again.
        case interrupted(RedisError)
    }

    private let configuration: RedisConfiguration
    private let pattern: String
    private let reactor: Reactor
    private let handler: (Event) -> Void
    private var connection: RedisConnection?
    private var backoff: Backoff
    private let pause = Waiter()
    private let beat = Waiter()
    private var isClosed = false

    /// Subscribes, and stays subscribed until `close`.
    ///
    /// - Parameters:
    ///   - pattern: of channels, as PSUBSCRIBE takes it.
    ///   - handler: called on the reactor's thread; it must not wait.
    public init(
        _ configuration: RedisConfiguration,
        pattern: String,
        on reactor: Reactor,
        handler: @escaping (Event) -> Void
    ) {
        self.configuration = configuration
        self.pattern = pattern
        self.reactor = reactor
        self.handler = handler
        backoff = Backoff(
            firstMilliseconds: configuration.firstBackoffMilliseconds,
            limitMilliseconds: configuration.backoffLimitMilliseconds
        )
        reactor.spawn { await self.run() }
    }

    /// Ends the subscription; the handler is not called any more.
    public func close() {
        precondition(reactor.isCurrent, "a subscription belongs to its reactor's thread")
        isClosed = true
        connection?.close()
        pause.wake(.closed)
        beat.wake(.closed)
    }

    private func run() async {
        while !isClosed {
            let begin = reactor.now
            do throws(RedisError) {
                try await listen()
            } catch {
                if !isClosed { handler(.interrupted(error)) }
            }
            if reactor.now.nanoseconds(since: begin) > 1_000_000_000 { backoff.reset() }
            guard !isClosed else { return }
            let milliseconds = backoff.next(random: .random(in: 0 ... .max))
            let end = reactor.now.advanced(byMilliseconds: milliseconds)
            _ = await reactor.wait(for: pause, until: end, unless: { isClosed })
        }
    }

    /// Connects, subscribes and receives; ends by throwing, or in silence when closed.
    private func listen() async throws(RedisError) {
        let connection = try await RedisConnection.open(configuration, on: reactor)
        defer { connection.close() }
        guard !isClosed else { return }
        self.connection = connection
        let patience = reactor.now.advanced(
            byMilliseconds: configuration.connectTimeoutMilliseconds
        )
        try await connection.send(CommandEncoder.encode(["PSUBSCRIBE", pattern]), until: patience)
        let heartbeat = reactor.spawn { await self.beatHeart() }
        do throws(RedisError) {
            try await receive(on: connection)
        } catch {
            await end(heartbeat)
            throw error
        }
    }

    private func end(_ heartbeat: Task<Void, Never>) async {
        connection?.close()
        connection = nil
        beat.wake(.closed)
        await heartbeat.value
    }

    private func receive(on connection: RedisConnection) async throws(RedisError) {
        while true {
            try await connection.fill(until: .distantFuture)
            while !isClosed, let reply = try connection.nextReceived() { try take(reply) }
            await Task.yield()
        }
    }

    private func take(_ reply: RESPValue) throws(RedisError) {
        if case .error(let text) = reply { throw .refused(text) }
        guard let elements = reply.array, let kind = elements.first?.text else {
            throw .protocolViolation("no message of a subscription")
        }
        switch kind {
        case "pmessage" where elements.count == 4:
            guard let channel = elements[2].text, let payload = elements[3].bytes else {
                throw .protocolViolation("a message without content")
            }
            handler(.message(channel: channel, payload: payload))
        case "psubscribe": handler(.subscribed)
        default:
            // The answer to a heartbeat, or of a kind nobody asked for.
            break
        }
    }

    /// Asks from time to time whether the server is there: a subscriber hears nothing when nothing is said, and neither
    /// when the line is cut. A server that has not said anything since it was last asked is given up.
    private func beatHeart() async {
        let span = configuration.heartbeatMilliseconds
        var askedAt: Instant?
        while let connection, connection.isOpen {
            let next = reactor.now.advanced(byMilliseconds: span)
            let wake = await reactor.wait(for: beat, until: next, unless: { !connection.isOpen })
            guard wake == .timedOut, connection.isOpen else { return }
            if let askedAt, connection.lastReceived < askedAt { return connection.close() }
            askedAt = reactor.now
            do throws(RedisError) {
                let patience = reactor.now.advanced(byMilliseconds: span)
                try await connection.send(CommandEncoder.encode(["PING"]), until: patience)
            } catch {
                return connection.close()
            }
        }
    }
}
