public import Transport

/// Commands to one Redis over one connection that all tasks of a reactor share.
///
/// Commands of many tasks go out together and are answered in order. The connection is made again whenever it is lost,
/// with growing, jittered pauses. What a lost connection left unanswered fails with `unknownOutcome`: only the caller
/// knows whether it may be repeated. Commands wait, within their deadlines, for the first attempt to connect, and for
/// the next one after a connection that was closed. After a failed attempt, and after a server that did not
/// answer, they fail at once until a connection stands: nobody queues for a Redis that is gone, and one that
/// is stopped costs each client one deadline.
///
/// Tasks of other threads may send commands, too; each then goes to the reactor's thread and back. Blocking commands
/// such as BLPOP hold up every other command here; give them a client of their own.
public final class RedisClient: @unchecked Sendable {
    // Unchecked: its state belongs to the reactor's thread, and every way in either goes there or checks that
    // it is there.
    private enum State {
        /// An attempt to connect is under way, or about to begin. Can transition to: `ready`, `failing`, `closed`.
        case connecting
        /// Commands are being sent. Can transition to: `connecting`, when the connection is lost; `failing`, when the
        /// server does not answer; `closed`.
        case ready(RedisConnection)
        /// The last attempt failed, or the server did not answer; others are made. Can transition to:
        /// `ready`, `closed`.
        case failing(RedisError)
        /// For good.
        case closed
    }

    private static let spareWaiterLimit = 1024

    private let configuration: RedisConfiguration
    private let reactor: Reactor
    private var state = State.connecting
    private var queue: CommandQueue
    private var backoff: Backoff
    /// Waiters of commands that are done. The timer wheel keeps each until its deadline, so using few of them again and
    /// again is what keeps the wheel small.
    private var spareWaiters: [Waiter] = []
    private let sending = Waiter()
    private let pause = Waiter()
    /// Connections made so far, for metrics and tests: what exceeds one was made again.
    public private(set) var connectionCount = 0

    /// A client that begins to connect at once; call on the reactor's thread or before it runs.
    public init(_ configuration: RedisConfiguration, on reactor: Reactor) {
        self.configuration = configuration
        self.reactor = reactor
        queue = CommandQueue(
            countLimit: configuration.queueLimit,
            bytesLimit: configuration.queueBytesLimit
        )
        backoff = Backoff(
            firstMilliseconds: configuration.firstBackoffMilliseconds,
            limitMilliseconds: configuration.backoffLimitMilliseconds
        )
        reactor.spawn { await self.run() }
    }

    /// Sends a command and returns its reply.
    ///
    /// - Parameters:
    ///   - arguments: the command's name and its arguments, of any bytes.
    ///   - deadline: when to give up; nil for the configured timeout from now.
    /// - Throws: `RedisError`; a reply that is an error is `refused`.
    public func command(_ arguments: [[UInt8]], until deadline: Instant? = nil)
        async throws(RedisError) -> RESPValue
    {
        try await perform(CommandEncoder.encode(arguments), until: deadline).get()
    }

    /// Sends a command written as strings and returns its reply.
    public func command(_ arguments: String..., until deadline: Instant? = nil)
        async throws(RedisError) -> RESPValue
    {
        try await perform(CommandEncoder.encode(arguments), until: deadline).get()
    }

    /// Sends commands in one go and returns their outcomes in order; other tasks' commands do not come between them.
    public func pipeline(
        _ commands: [[[UInt8]]],
        until deadline: Instant? = nil
    ) async -> [Result<RESPValue, RedisError>] {
        let encoded = commands.map { CommandEncoder.encode($0) }
        guard !reactor.isCurrent else { return await performHere(encoded, until: deadline) }
        return await withTaskExecutorPreference(reactor) {
            await self.performHere(encoded, until: deadline)
        }
    }

    /// Closes the connection for good; what waits fails. Until then the client keeps itself alive.
    public func close() {
        precondition(reactor.isCurrent, "a Redis client belongs to its reactor's thread")
        if case .ready(let connection) = state { connection.close() }
        state = .closed
        queue.loseConnection()
        queue.refuseUnsent(.closed)
        sending.wake(.closed)
        pause.wake(.closed)
    }

    private var defaultDeadline: Instant {
        reactor.now.advanced(byMilliseconds: configuration.commandTimeoutMilliseconds)
    }

    // MARK: Commands

    private func perform(_ encoded: [UInt8], until deadline: Instant?) async -> Result<
        RESPValue, RedisError
    > {
        guard !reactor.isCurrent else { return await performHere(encoded, until: deadline) }
        return await withTaskExecutorPreference(reactor) {
            await self.performHere(encoded, until: deadline)
        }
    }

    private func performHere(_ encoded: [UInt8], until deadline: Instant?) async -> Result<
        RESPValue, RedisError
    > {
        do throws(RedisError) {
            let command = try enqueue(encoded)
            return .success(try await outcome(of: command, until: deadline ?? defaultDeadline))
        } catch {
            return .failure(error)
        }
    }

    private func performHere(_ encoded: [[UInt8]], until deadline: Instant?) async -> [Result<
        RESPValue, RedisError
    >] {
        let deadline = deadline ?? defaultDeadline
        let pending = encoded.map { encoded in
            Result { () throws(RedisError) in try enqueue(encoded) }
        }
        var outcomes: [Result<RESPValue, RedisError>] = []
        for entry in pending {
            do throws(RedisError) {
                outcomes.append(.success(try await outcome(of: entry.get(), until: deadline)))
            } catch {
                outcomes.append(.failure(error))
            }
        }
        return outcomes
    }

    private func enqueue(_ encoded: [UInt8]) throws(RedisError) -> PendingCommand {
        precondition(reactor.isCurrent, "a Redis client belongs to its reactor's thread")
        switch state {
        case .closed: throw .closed
        case .failing(let reason): throw reason
        case .connecting, .ready: break
        }
        let command = PendingCommand(encoded, waiter: spareWaiters.popLast() ?? Waiter())
        guard queue.add(command) else { throw .queueFull }
        sending.wake(.ready)
        return command
    }

    private func outcome(of command: PendingCommand, until deadline: Instant)
        async throws(RedisError) -> RESPValue
    {
        if command.result == nil {
            _ = await reactor.wait(
                for: command.waiter,
                until: deadline,
                unless: { command.result != nil }
            )
        }
        if let result = command.result {
            // One that was given up is woken once more, when its reply comes, and is not used again.
            if spareWaiters.count < Self.spareWaiterLimit { spareWaiters.append(command.waiter) }
            return try result.get()
        }
        queue.abandon(command)
        if command.wasSent { suspectConnection(since: command) }
        throw .timedOut(wasSent: command.wasSent)
    }

    /// A server that said nothing at all for as long as a command was given to wait is taken for gone.
    private func suspectConnection(since command: PendingCommand) {
        guard case .ready(let connection) = state, let sentAt = command.sentAt else { return }
        guard connection.lastReceived < sentAt else { return }
        connection.close()
        fail(.unavailable("no answer in time"))
    }

    /// Keeps nothing for later, and takes nothing until a connection stands.
    private func fail(_ reason: RedisError) {
        state = .failing(reason)
        queue.refuseUnsent(reason)
    }

    // MARK: Connection

    private func run() async {
        while !isClosed {
            do throws(RedisError) {
                let connection = try await RedisConnection.open(configuration, on: reactor)
                guard !isClosed else { return connection.close() }
                await serve(connection)
                if case .ready = state { state = .connecting }
            } catch {
                guard !isClosed else { return }
                fail(error)
            }
            guard !isClosed else { return }
            let milliseconds = backoff.next(random: .random(in: 0 ... .max))
            let end = reactor.now.advanced(byMilliseconds: milliseconds)
            _ = await reactor.wait(for: pause, until: end, unless: { isClosed })
        }
    }

    private var isClosed: Bool {
        if case .closed = state { return true }
        return false
    }

    /// Sends and receives until the connection is lost; returns when both have ended.
    private func serve(_ connection: RedisConnection) async {
        state = .ready(connection)
        connectionCount += 1
        let begin = reactor.now
        let sender = reactor.spawn { await self.send() }
        await receive(on: connection)
        connection.close()
        queue.loseConnection()
        sending.wake(.closed)
        await sender.value
        // One that did not last is no proof that the server is well.
        if reactor.now.nanoseconds(since: begin) > 1_000_000_000 { backoff.reset() }
    }

    private func send() async {
        while case .ready(let connection) = state, connection.isOpen {
            let bytes = queue.takeUnsent(limitBytes: 64 << 10, now: reactor.now)
            if bytes.isEmpty {
                let hasWork = { self.queue.hasUnsent || !connection.isOpen }
                _ = await reactor.wait(for: sending, until: .distantFuture, unless: hasWork)
                continue
            }
            do throws(RedisError) {
                let patience = reactor.now.advanced(
                    byMilliseconds: configuration.commandTimeoutMilliseconds
                )
                try await connection.send(bytes, until: patience)
            } catch {
                return connection.close()
            }
        }
    }

    private func receive(on connection: RedisConnection) async {
        do throws(RedisError) {
            while true {
                try await connection.fill(until: .distantFuture)
                while let reply = try connection.nextReceived() {
                    guard queue.answer(reply) else { return }
                }
                await Task.yield()
            }
        } catch {
            // Why it ended is told to no one here: each command learns its own outcome.
        }
    }
}
