import Glibc
import Transport

/// One connection to a Redis, logged in: bytes out, replies in.
///
/// Confined to its reactor's thread. One task may send while another receives.
final class RedisConnection {
    private let stream: ByteStream
    private let decoder: ReplyDecoder
    private var reactor: Reactor { stream.reactor }
    var isOpen: Bool { stream.isOpen }
    /// When the last byte came.
    private(set) var lastReceived: Instant

    private init(_ stream: ByteStream, limits: ReplyLimits) {
        self.stream = stream
        decoder = ReplyDecoder(limits: limits)
        lastReceived = stream.reactor.now
    }

    /// Connects, encrypts, logs in and selects the database, all within the connect timeout.
    static func open(_ configuration: RedisConfiguration, on reactor: Reactor)
        async throws(RedisError)
        -> RedisConnection
    {
        let deadline = reactor.now.advanced(
            byMilliseconds: configuration.connectTimeoutMilliseconds
        )
        let stream = try await connect(configuration, on: reactor, until: deadline)
        let connection = RedisConnection(stream, limits: configuration.replyLimits)
        do throws(RedisError) {
            try await connection.logIn(configuration.url, until: deadline)
        } catch {
            connection.close()
            if case .refused = error { throw .unavailable("\(error)") }
            if case .protocolViolation = error { throw .unavailable("\(error)") }
            throw error
        }
        return connection
    }

    private static func connect(
        _ configuration: RedisConfiguration,
        on reactor: Reactor,
        until deadline: Instant
    ) async throws(RedisError) -> ByteStream {
        switch configuration.url.place {
        case .unix(let path):
            return try await connect(to: .unix(path: path), on: reactor, until: deadline)
        case .host(let host, let port):
            var failure = RedisError.unavailable("\(host) has no address")
            for address in await HostResolver.addresses(of: host, port: port) {
                do throws(RedisError) {
                    let stream = try await connect(to: address, on: reactor, until: deadline)
                    if configuration.url.usesTLS {
                        try await encrypt(stream, configuration.tls, host: host, until: deadline)
                    }
                    return stream
                } catch {
                    failure = error
                }
            }
            throw failure
        }
    }

    private static func connect(
        to address: SocketAddress,
        on reactor: Reactor,
        until deadline: Instant
    ) async throws(RedisError) -> ByteStream {
        do throws(StreamError) {
            return try await ByteStream.connect(to: address, on: reactor, until: deadline)
        } catch {
            throw .unavailable("\(address): \(text(of: error))")
        }
    }

    /// Read once, since reading them takes long enough to be felt.
    private static let systemAuthorities = Result { () throws(TLSContextError) in
        try TLSClientContext()
    }

    private static func encrypt(
        _ stream: ByteStream,
        _ context: TLSClientContext?,
        host: String,
        until deadline: Instant
    ) async throws(RedisError) {
        let trusted: TLSClientContext
        do throws(TLSContextError) {
            if let context { trusted = context } else { trusted = try systemAuthorities.get() }
        } catch {
            throw .unavailable("\(error)")
        }
        do throws(StreamError) {
            try await stream.connectTLS(trusted, serverName: host, until: deadline)
        } catch {
            stream.close()
            throw .unavailable("TLS with \(host): \(text(of: error))")
        }
    }

    /// Always ends with a PING, so that a server that accepts and refuses at once counts as one that is not there.
    private func logIn(_ url: RedisURL, until deadline: Instant) async throws(RedisError) {
        if let password = url.password {
            try await expectReply(
                to: ["AUTH"] + (url.user.map { [$0] } ?? []) + [password],
                until: deadline
            )
        }
        if url.database != 0 {
            try await expectReply(to: ["SELECT", String(url.database)], until: deadline)
        }
        try await expectReply(to: ["PING"], until: deadline)
    }

    private func expectReply(to command: [String], until deadline: Instant) async throws(RedisError) {
        try await send(CommandEncoder.encode(command), until: deadline)
        if case .error(let text) = try await receive(until: deadline) { throw .refused(text) }
    }

    /// Sends all of the bytes.
    func send(_ bytes: [UInt8], until deadline: Instant) async throws(RedisError) {
        let block = unsafe reactor.buffers.lend()
        defer { unsafe reactor.buffers.takeBack(block) }
        var sent = 0
        while sent < bytes.count {
            let count = min(block.count, bytes.count - sent)
            unsafe block.copyBytes(from: bytes[sent..<sent + count])
            do throws(StreamError) {
                let piece = unsafe UnsafeRawBufferPointer(rebasing: block[0..<count])
                try await unsafe stream.write(
                    piece,
                    more: sent + count < bytes.count,
                    until: deadline
                )
            } catch {
                throw .unavailable(Self.text(of: error))
            }
            sent += count
        }
    }

    /// The next reply; waits for it.
    func receive(until deadline: Instant) async throws(RedisError) -> RESPValue {
        while true {
            if let reply = try decoder.next() { return reply }
            try await fill(until: deadline)
        }
    }

    /// The next reply that has come already.
    func nextReceived() throws(RedisError) -> RESPValue? {
        try decoder.next()
    }

    /// Waits for bytes and takes what is there.
    func fill(until deadline: Instant) async throws(RedisError) {
        do throws(StreamError) {
            try await stream.waitReadable(until: deadline)
            let block = unsafe reactor.buffers.lend()
            defer { unsafe reactor.buffers.takeBack(block) }
            guard let count = try unsafe stream.readNow(into: block) else { return }
            guard count > 0 else { throw StreamError.reset(ECONNRESET) }
            lastReceived = reactor.now
            unsafe decoder.append(UnsafeRawBufferPointer(rebasing: block[0..<count]))
        } catch {
            throw .unavailable(Self.text(of: error))
        }
    }

    /// Ends the connection and wakes whoever sends or receives.
    func close() {
        stream.close()
    }

    private static func text(of error: StreamError) -> String {
        switch error {
        case .timedOut: "no answer in time"
        case .closed: "closed"
        case .reset(let code):
            unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        case .tls(let failure): "\(failure)"
        }
    }
}

extension Instant {
    func advanced(byMilliseconds span: UInt64) -> Instant {
        let (nanoseconds, overflows) = span.multipliedReportingOverflow(by: 1_000_000)
        return overflows ? .distantFuture : advanced(byNanoseconds: nanoseconds)
    }
}
