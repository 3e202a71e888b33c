import HTTP
import Transport

/// The bytes of one HTTP/2 connection, to a client or to a server: what is received goes into the session, what the
/// session has to say goes out.
///
/// One task reads; another one, which is started when there are frames, sends them, and stays a while for more. An
/// answer that is alone leaves without it. Confined to its worker.
final class HTTP2Link {
    /// Who sends.
    private enum Writer {
        /// Nobody, since there is nothing to send: to `sending` with the next frames, to `ended` with the connection.
        case away
        /// The task waits for frames: to `sending` as they come, to `away` if they do not, to `ending`.
        case waiting
        /// The task sends, or is about to, to begin with what is in frames already: to `waiting` when there is no
        /// more, to `ending`.
        case sending(unsent: OutputBuffer?)
        /// Nothing more is sent, and the task sees to the end: to `ended`.
        case ending
        /// Nobody sends any more, for good.
        case ended
    }

    /// What waiting for bytes brought.
    enum Arrival {
        case bytes
        case nothingInTime
        case end
    }

    let session: HTTP2Session
    private let stream: ByteStream
    private let outputs: OutputPool
    private let writeNanoseconds: UInt64
    private let writable = Waiter()
    /// Where `end` waits for the task; most connections never need it.
    private var ended: Waiter?
    /// Since when a frame, or a header block, has been incomplete.
    private(set) var frameSince: Instant?
    private var writer = Writer.away

    private static let fillBytes = 32 << 10
    /// For how long the task waits for frames.
    private static let waitNanoseconds: UInt64 = 100_000_000
    /// For how long it goes on reading after the last one.
    private static let lingerNanoseconds: UInt64 = 1_000_000_000

    init(
        _ stream: ByteStream,
        _ session: HTTP2Session,
        through outputs: OutputPool,
        writeNanoseconds: UInt64
    ) {
        self.stream = stream
        self.session = session
        self.outputs = outputs
        self.writeNanoseconds = writeNanoseconds
    }

    var reactor: Reactor { stream.reactor }

    /// Whether nothing more is sent.
    var isEnding: Bool {
        switch writer {
        case .away, .waiting, .sending: false
        case .ending, .ended: true
        }
    }

    // MARK: Reading

    /// Waits for bytes and gives them to the session.
    func receive(until deadline: Instant) async -> Arrival {
        do throws(StreamError) {
            try await stream.waitReadable(until: deadline)
        } catch {
            return error.isTimeout ? .nothingInTime : .end
        }
        let block = unsafe reactor.buffers.lend()
        defer { unsafe reactor.buffers.takeBack(block) }
        do throws(StreamError) {
            guard let count = try unsafe stream.readNow(into: block) else { return .bytes }
            guard count > 0 else { return .end }
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: block[..<count])
            return take(unsafe ByteView(bytes)) ? .bytes : .end
        } catch {
            return .end
        }
    }

    /// Gives back the buffers, which a connection that says nothing need not keep.
    func rest() {
        stream.releaseBuffers()
        session.rest()
    }

    /// Gives bytes to the session; false if the connection cannot go on.
    func take(_ bytes: ByteView) -> Bool {
        let goesOn = bytes.isEmpty || session.receive(bytes, at: reactor.now.nanoseconds)
        frameSince = session.isInsideFrame ? frameSince ?? reactor.now : nil
        wakeWriter()
        return goesOn
    }

    // MARK: Writing

    /// Sends what there is without the writing task, unless that is at it. For an answer that is the only one under
    /// way on its connection: there is nothing that it could leave together with.
    func flush() {
        guard isIdle, !session.isBusy, session.wantsWrite, stream.isOpen else { return frame() }
        guard let output = nextFrames() else { return }
        // An error is met again by the writing task, which ends the connection.
        if let count = try? stream.writeNow(output.readable) { output.consume(count) }
        guard output.isEmpty else { return send(first: output) }
        outputs.takeBack(output)
        wakeWriter()
    }

    /// Puts what there is into frames, and has the writing task send them with those of the same turn. Whoever waits
    /// until its content is in frames need not wait for that. What is more urgent but comes later in the turn goes
    /// behind them.
    func frame() {
        guard !session.isBusy, session.wantsWrite, stream.isOpen else { return wakeWriter() }
        switch writer {
        case .away, .waiting:
            if let output = nextFrames() { send(first: output) }
        case .sending(let unsent?):
            // An error is met again by the writing task, which ends the connection.
            if unsent.count < Self.fillBytes { _ = session.fill(unsent, limit: Self.fillBytes) }
        case .sending(nil), .ending, .ended: break
        }
    }

    /// A buffer, lent, with what there is in frames; nil if the connection cannot go on, which closes it.
    private func nextFrames() -> OutputBuffer? {
        let output = outputs.lend()
        if session.fill(output, limit: Self.fillBytes) { return output }
        outputs.takeBack(output)
        stream.close()
        return nil
    }

    /// Whether there are no bytes on their way that others would have to follow.
    private var isIdle: Bool {
        switch writer {
        case .away, .waiting: true
        case .sending, .ending, .ended: false
        }
    }

    /// Lets the writing task look for frames. Whoever keeps the session busy does so afterwards.
    func wakeWriter() {
        guard !session.isBusy, session.wantsWrite || session.isFinished else { return }
        send()
    }

    /// Has the task send, unless it does, or nothing more is sent.
    private func send(first unsent: OutputBuffer? = nil) {
        switch writer {
        case .away where stream.isOpen:
            writer = .sending(unsent: unsent)
            reactor.spawn(with: self) { await $0.write() }
        case .waiting:
            writer = .sending(unsent: unsent)
            writable.wake(.ready)
        case .away, .sending, .ending, .ended: break
        }
    }

    /// Sends frames until the connection ends, or none come for a while; a task of its own.
    private func write() async {
        while case .sending(let unsent) = writer {
            // Nothing may be put behind it any more: a write may be under way.
            writer = .sending(unsent: nil)
            guard await writeFrames(after: unsent), !session.isFinished else { break }
            writer = .waiting
            let deadline = reactor.now.advanced(byNanoseconds: Self.waitNanoseconds)
            let wake = await reactor.wait(for: writable, until: deadline) { session.wantsWrite }
            guard case .waiting = writer else { continue }
            guard wake != .timedOut else { return writer = .away }
            writer = .sending(unsent: nil)
        }
        if !isEnding { await linger() }
        stream.close()
        writer = .ended
        ended?.wake(.ready)
    }

    /// Sends what there is now, with a buffer that is lent for as long as that takes; false if the connection ends.
    private func writeFrames(after unsent: OutputBuffer?) async -> Bool {
        let output = unsent ?? outputs.lend()
        defer { outputs.takeBack(output) }
        while !isEnding {
            if output.isEmpty {
                guard session.fill(output, limit: Self.fillBytes) else { return false }
            }
            if output.isEmpty { return true }
            do throws(StreamError) {
                let deadline = reactor.now.advanced(byNanoseconds: writeNanoseconds)
                try await stream.write(output.readable, until: deadline)
            } catch {
                return false
            }
            output.removeAll(keepingCapacity: true)
        }
        return false
    }

    /// Goes on reading for a moment after the last frame, since closing on unread bytes would make the kernel take it
    /// back.
    private func linger() async {
        writer = .ending
        stream.finishSending()
        let deadline = reactor.now.advanced(byNanoseconds: Self.lingerNanoseconds)
        while stream.isOpen, reactor.now < deadline {
            guard await reactor.wait(for: writable, until: deadline) != .closed else { return }
        }
    }

    // MARK: Ending

    /// Closes the connection and returns when the writing task has ended.
    func end() async {
        switch writer {
        case .away, .ended: writer = .ended
        case .waiting, .sending, .ending: writer = .ending
        }
        stream.close()
        writable.wake(.closed)
        session.abandonStreams()
        let ended = Waiter()
        self.ended = ended
        while case .ending = writer {
            _ = await reactor.wait(for: ended, until: .distantFuture)
        }
    }
}
