import Glibc

/// What went wrong between a test and its peer.
public enum WireError: Error, CustomStringConvertible {
    case failed(call: String, errno: Int32)
    /// The peer said nothing more before the deadline.
    case timedOut(received: String)
    /// The peer finished in the middle of something.
    case ended(received: String)
    case malformed(String)

    public var description: String {
        switch self {
        case .failed(let call, let code): unsafe "\(call): \(String(cString: strerror(code)))"
        case .timedOut(let received): "no more bytes in time, after: \(received)"
        case .ended(let received): "the peer ended the connection, after: \(received)"
        case .malformed(let what): "malformed: \(what)"
        }
    }
}

/// A connected socket with blocking calls that all end by a deadline, and the bytes read but not yet used.
///
/// Belongs to one thread at a time. Closes the socket with its last reference.
public final class Wire {
    let descriptor: Int32
    /// How long each call may take.
    public var patience: Duration
    private var buffer: [UInt8] = []
    private var isOpen = true

    init(descriptor: Int32, patience: Duration) {
        self.descriptor = descriptor
        self.patience = patience
        // All calls ask poll first; what must not block forever is a write that the peer never takes.
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        var one: Int32 = 1
        _ = unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
    }

    deinit { close() }

    public func close() {
        guard isOpen else { return }
        isOpen = false
        _ = Glibc.close(descriptor)
    }

    /// Whether the peer ended the connection with a reset instead of an orderly end.
    public private(set) var wasReset = false

    /// Closes with a reset instead of an orderly end.
    public func reset() {
        var hard = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_LINGER,
            &hard,
            socklen_t(MemoryLayout<linger>.size)
        )
        close()
    }

    /// Tells the peer that nothing more will be sent.
    public func finishSending() {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    public func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    public func send(_ bytes: [UInt8]) throws {
        let sent = try offer(bytes, for: patience)
        guard sent == bytes.count else {
            throw WireError.timedOut(received: "\(sent) bytes sent of \(bytes.count)")
        }
    }

    /// Sends as much as the peer takes in the given time; returns how much that was.
    public func offer(_ bytes: [UInt8], for duration: Duration) throws -> Int {
        let deadline = Deadline(within: duration)
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { all in
                guard let base = all.baseAddress else { return 0 }
                return unsafe Glibc.send(
                    descriptor,
                    base + sent,
                    all.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                guard try isReady(POLLOUT, deadline) else { return sent }
            } else if errno != EINTR {
                throw WireError.failed(call: "send", errno: errno)
            }
        }
        return sent
    }

    /// Bytes up to and including the mark.
    public func receive(through mark: String, limit: Int = 1 << 20) throws -> [UInt8] {
        let wanted = Array(mark.utf8)
        var searched = 0
        let deadline = Deadline(within: patience)
        while true {
            if let end = firstEnd(of: wanted, from: searched) { return take(end) }
            searched = max(0, buffer.count - wanted.count + 1)
            guard buffer.count <= limit else {
                throw WireError.malformed("over \(limit) bytes without \(mark)")
            }
            guard try fill(deadline) else { throw WireError.ended(received: preview) }
        }
    }

    /// Exactly `count` bytes.
    public func receive(count: Int) throws -> [UInt8] {
        let deadline = Deadline(within: patience)
        while buffer.count < count {
            guard try fill(deadline) else { throw WireError.ended(received: preview) }
        }
        return take(count)
    }

    /// What is there, at least one byte; empty at the end of the stream.
    public func receiveSome() throws -> [UInt8] {
        if buffer.isEmpty, try !fill(Deadline(within: patience)) { return [] }
        return take(buffer.count)
    }

    /// Whether bytes have been received and not yet been asked for.
    public var hasReceived: Bool { !buffer.isEmpty }

    /// Everything until the peer finishes; a reset counts as the end.
    public func receiveToEnd() throws -> [UInt8] {
        let deadline = Deadline(within: patience)
        while try fill(deadline) {}
        return take(buffer.count)
    }

    /// Whether the peer ends the connection within the given time, sending nothing more.
    public func isEnded(within duration: Duration = Patience.usual) throws -> Bool {
        guard buffer.isEmpty else { return false }
        do {
            return try !fill(Deadline(within: duration))
        } catch WireError.timedOut {
            return false
        }
    }

    private var preview: String {
        String(decoding: buffer.prefix(300), as: UTF8.self)
    }

    private func take(_ count: Int) -> [UInt8] {
        let taken = Array(buffer.prefix(count))
        buffer.removeFirst(count)
        return taken
    }

    private func firstEnd(of wanted: [UInt8], from start: Int) -> Int? {
        guard buffer.count >= wanted.count else { return nil }
        for index in start...buffer.count - wanted.count where buffer[index] == wanted[0] {
            if buffer[index..<index + wanted.count].elementsEqual(wanted) {
                return index + wanted.count
            }
        }
        return nil
    }

    /// Reads once into the buffer; false at the end of the stream.
    private func fill(_ deadline: Deadline) throws -> Bool {
        guard isOpen else { return false }
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
            if count > 0 {
                buffer += chunk[..<count]
                return true
            }
            if count == 0 { return false }
            if errno == ECONNRESET {
                wasReset = true
                return false
            }
            if errno == EAGAIN {
                guard try isReady(POLLIN, deadline) else {
                    throw WireError.timedOut(received: preview)
                }
            } else if errno != EINTR {
                throw WireError.failed(call: "recv", errno: errno)
            }
        }
    }

    private func isReady(_ events: Int32, _ deadline: Deadline) throws -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        let count = unsafe poll(&entry, 1, deadline.pollMilliseconds)
        if count < 0, errno != EINTR { throw WireError.failed(call: "poll", errno: errno) }
        return count != 0
    }
}
