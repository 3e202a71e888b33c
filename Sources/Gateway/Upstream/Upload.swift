import HTTP
import Transport

/// Where the content of a request goes while the response comes: a stream, or a connection of HTTP/1.
protocol UploadTarget: AnyObject {
    /// Nobody wants the rest of the content: sending, if it waits, ends.
    func stopSending()
    /// The content will never be whole: there is no use in a response either.
    func breakOff()
    func noticeUploadEnded()
}

/// The content of a request on its way to a server, by a task of its own, so that the response may come meanwhile.
/// Confined to its worker.
final class Upload {
    private let reactor: Reactor
    private let target: any UploadTarget
    private let ended = Waiter()
    /// Whether the task reads content; the content is its own until then.
    private(set) var isRunning = true
    /// Since when it does not.
    private(set) var endedAt = Instant.distantFuture
    private var isGivenUp = false
    /// Whether the task may have something to say to the client, whose connection takes one writer at a time.
    var mayWrite: Bool { isRunning && !sharesConnection }
    private let sharesConnection: Bool
    /// Whether all of the content was sent.
    private(set) var isWhole = false
    /// Why the content did not arrive whole: what went wrong first.
    private(set) var failure: Failure?

    /// - Parameter sharesConnection: whether the client's connection takes several writers, as one of HTTP/2 does.
    init(to target: any UploadTarget, on reactor: Reactor, sharesConnection: Bool) {
        self.target = target
        self.reactor = reactor
        self.sharesConnection = sharesConnection
    }

    /// Waits until the content has been sent, or will not be.
    func end() async {
        while isRunning { _ = await reactor.wait(for: ended, until: .distantFuture) { !isRunning } }
    }

    /// Sends no more, which nobody wants, whether or not the client has more to say, and returns when the content may
    /// be read by others.
    func giveUp(_ exchange: Exchange) async {
        guard isRunning else { return }
        isGivenUp = true
        target.stopSending()
        exchange.body.isInterrupted = true
        await end()
        exchange.body.isInterrupted = false
    }

    /// Sends by `send`, which returns whether that was all of the content.
    func run(_ send: () async throws(Failure) -> Bool) async {
        do throws(Failure) {
            isWhole = try await send()
        } catch {
            failure = error
            if error.party == .client { target.breakOff() }
        }
        isRunning = false
        endedAt = reactor.now
        ended.wake(.ready)
        target.noticeUploadEnded()
    }

    /// Sends all of the content to a stream; false if that is given up.
    func send(_ exchange: Exchange, to stream: UpstreamStream, patience: UInt64)
        async throws(Failure) -> Bool
    {
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
            if isLast || !piece.isEmpty {
                try await stream.send(piece, isLast: isLast, patience: patience)
            }
            if isGivenUp || isLast { return isLast }
            if isWhole {
                let trailers = body.trailers
                try await stream.send(.empty, isLast: true, trailers, patience: patience)
                return true
            }
            guard let next = try await body.next() else {
                guard body.isFinished else { return false }
                piece = .empty
                continue
            }
            if isGivenUp { return false }
            piece = next
        }
    }
}

extension UpstreamStream: UploadTarget {
    func breakOff() { release(isComplete: false) }

    fileprivate func send(
        _ piece: ByteView,
        isLast: Bool,
        _ trailers: FieldSection? = nil,
        patience: UInt64
    ) async throws(Failure) {
        do throws(StreamError) {
            let deadline = reactor.now.advanced(byNanoseconds: patience)
            try await send(piece, isLast: isLast, trailers: trailers, until: deadline)
        } catch {
            throw error.isTimeout ? Failure.upstream(.upstreamSendTimeout) : failure
        }
    }
}

extension UpstreamConnection: UploadTarget {
    // What has been received stays: a piece of it may be on its way to the client.
    func stopSending() { stream.close() }
    func breakOff() { stream.close() }
    func noticeUploadEnded() {}
}
