import HTTP
import Transport

/// The bytes of one HTTP/2 connection, to a client or to a server: what is received goes into the session, what the
/// session has to say goes out.
///
/// One task reads; another one, which is started when there are frames, sends them, and stays for more until the
/// connection rests. An answer that is alone leaves without it. Confined to its worker.
final class HTTP2Link {
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
    private let ended = Waiter()
    /// Since when a frame, or a header block, has been incomplete.
    private(set) var frameSince: Instant?
    /// Whether nothing more is sent.
    private(set) var isEnding = false
    /// Whether the writing task is there.
    private var isWriting = false
    /// Whether it is about to send something, which comes first.
    private var isSending = false
    /// Whether the session takes something in, and cannot be asked for frames meanwhile.
    private var isTaking = false
    /// What the kernel had no room for, to be sent before anything else.
    private var unsent: OutputBuffer?
    /// Whether the writing task is not to stay for frames that may come.
    private var isResting = false

    private static let fillBytes = 32 << 10
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

    /// Gives back what a connection that says nothing need not keep: buffers, and the writing task.
    func rest() {
        stream.releaseBuffers()
        session.rest()
        isResting = true
        writable.wake(.ready)
    }

    /// Gives bytes to the session; false if the connection cannot go on.
    func take(_ bytes: ByteView) -> Bool {
        isTaking = true
        defer { isTaking = false }
        let goesOn = bytes.isEmpty || session.receive(bytes, at: reactor.now.nanoseconds)
        frameSince = session.isInsideFrame ? frameSince ?? reactor.now : nil
        wakeWriter()
        return goesOn
    }

    // MARK: Writing

    /// Sends what there is without the writing task, unless that is at it. For an answer that is the only one under
    /// way on its connection: there is nothing that it could leave together with.
    func flush() {
        guard !isTaking, !isSending, !isEnding, unsent == nil, session.wantsWrite, stream.isOpen
        else { return wakeWriter() }
        isSending = true
        defer { isSending = false }
        let output = outputs.lend()
        guard session.fill(output, limit: Self.fillBytes) else {
            outputs.takeBack(output)
            return stream.close()
        }
        // An error is met again by the writing task, which ends the connection.
        if let count = try? stream.writeNow(output.readable) { output.consume(count) }
        if output.isEmpty { outputs.takeBack(output) } else { unsent = output }
        wakeWriter()
    }

    /// Lets the writing task look for frames.
    func wakeWriter() {
        guard session.wantsWrite || session.isFinished || unsent != nil else { return }
        if isWriting { return writable.wake(.ready) }
        guard stream.isOpen else { return }
        isWriting = true
        isResting = false
        reactor.spawn(with: self) { await $0.write() }
    }

    /// Sends frames until the connection ends or rests; a task of its own.
    private func write() async {
        while !isEnding {
            if session.wantsWrite || unsent != nil {
                guard await writeFrames() else { break }
            } else if session.isFinished {
                break
            } else if isResting {
                isWriting = false
                return
            } else {
                _ = await reactor.wait(for: writable, until: .distantFuture) {
                    session.wantsWrite || session.isFinished || unsent != nil || isEnding
                        || isResting
                }
            }
        }
        if !isEnding { await linger() }
        stream.close()
        isWriting = false
        ended.wake(.ready)
    }

    /// Sends what there is now, with a buffer that is lent for as long as that takes.
    private func writeFrames() async -> Bool {
        let output = unsent ?? outputs.lend()
        unsent = nil
        isSending = true
        defer {
            isSending = false
            outputs.takeBack(output)
        }
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
        isEnding = true
        stream.finishSending()
        let deadline = reactor.now.advanced(byNanoseconds: Self.lingerNanoseconds)
        while stream.isOpen, reactor.now < deadline {
            guard await reactor.wait(for: writable, until: deadline) != .closed else { return }
        }
    }

    // MARK: Ending

    /// Closes the connection and returns when the writing task has ended.
    func end() async {
        isEnding = true
        stream.close()
        writable.wake(.closed)
        session.abandonStreams()
        while isWriting { _ = await reactor.wait(for: ended, until: .distantFuture) }
    }
}
