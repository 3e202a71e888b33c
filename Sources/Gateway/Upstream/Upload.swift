import HTTP
import Transport

/// The content of a request on its way to a stream, by a task of its own, so that the response may come meanwhile.
/// Confined to its worker.
final class Upload {
    private let reactor: Reactor
    private let sendNanoseconds: UInt64
    private let ended = Waiter()
    /// Whether the task reads content; the content is its own until then.
    private(set) var isRunning = true
    /// Since when it does not.
    private(set) var endedAt = Instant.distantFuture
    private var isGivenUp = false
    /// Whether the task may have something to say to the client, whose connection takes one writer at a time.
    var mayWrite: Bool { isRunning && !sharesConnection }
    private let sharesConnection: Bool
    /// Why the content did not arrive whole: what went wrong first.
    private(set) var failure: Failure?

    /// - Parameter sharesConnection: whether the client's connection takes several writers, as one of HTTP/2 does.
    init(_ reactor: Reactor, sendNanoseconds: UInt64, sharesConnection: Bool) {
        self.reactor = reactor
        self.sharesConnection = sharesConnection
        self.sendNanoseconds = sendNanoseconds
    }

    /// Waits until the content has been sent, or will not be.
    func end() async {
        while isRunning { _ = await reactor.wait(for: ended, until: .distantFuture) { !isRunning } }
    }

    /// Sends no more, which nobody wants, whether or not the client has more to say, and returns when the content may
    /// be read by others.
    func giveUp(_ exchange: Exchange, _ stream: UpstreamStream) async {
        guard isRunning else { return }
        isGivenUp = true
        stream.stopSending()
        exchange.body.isInterrupted = true
        await end()
        exchange.body.isInterrupted = false
    }

    func run(_ exchange: Exchange, _ stream: UpstreamStream) async {
        do throws(Failure) {
            try await send(exchange, stream)
        } catch {
            failure = error
            if error.party == .client { stream.release(isComplete: false) }
        }
        isRunning = false
        endedAt = reactor.now
        ended.wake(.ready)
        stream.noticeUploadEnded()
    }

    private func send(_ exchange: Exchange, _ stream: UpstreamStream) async throws(Failure) {
        let body = exchange.body
        var piece = exchange.inspectedBody.readable
        var sentBytes = 0
        while true {
            sentBytes += piece.count
            let isWhole = body.isFinished
            if isWhole {
                try UpstreamStage.check(sentBytes, against: UpstreamStage.plan(for: exchange))
            }
            let isLast = isWhole && body.trailers == nil
            if isLast || !piece.isEmpty { try await send(piece, isLast: isLast, nil, stream) }
            if isGivenUp || isLast { return }
            if isWhole { return try await send(.empty, isLast: true, body.trailers, stream) }
            guard let next = try await body.next() else {
                guard body.isFinished else { return }
                piece = .empty
                continue
            }
            if isGivenUp { return }
            piece = next
        }
    }

    private func send(
        _ piece: ByteView,
        isLast: Bool,
        _ trailers: FieldSection?,
        _ stream: UpstreamStream
    ) async throws(Failure) {
        do throws(StreamError) {
            let deadline = reactor.now.advanced(byNanoseconds: sendNanoseconds)
            try await stream.send(piece, isLast: isLast, trailers: trailers, until: deadline)
        } catch {
            throw error.isTimeout ? Failure.upstream(.upstreamSendTimeout) : stream.failure
        }
    }
}
