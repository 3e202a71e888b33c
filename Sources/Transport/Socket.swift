import CLinux
import Glibc

/// A non-blocking socket that knows its own readiness.
///
/// The kernel tells readiness on its edges only, so a call that would block is never made twice: a short read or write
/// clears the flag, the next edge sets it.
public final class Socket {
    /// What one call to the kernel brought.
    enum Transfer {
        case bytes(Int)
        case endOfStream
        case wouldBlock
        case failed(Int32)
    }

    let descriptor: Int32
    let reactor: Reactor
    var token = RegistrationTable.wakeToken
    let readWaiter = Waiter()
    let writeWaiter = Waiter()
    /// A further waiter that is woken when something can be received: of a task that waits for either of two sockets.
    var alsoWakes: Waiter?
    /// When the peer, or the kernel about it, last gave a sign.
    private(set) var lastEventAt: Instant
    private(set) var isReadable = false
    private(set) var isWritable = true
    private(set) var peerHasFinished = false
    /// Whether nothing passes in either direction any more.
    private(set) var isGone = false
    private(set) var isOpen = true

    /// Takes over `descriptor`, which is non-blocking and not registered anywhere.
    init(descriptor: Int32, on reactor: Reactor) throws(SystemError) {
        self.descriptor = descriptor
        self.reactor = reactor
        lastEventAt = reactor.now
        do throws(SystemError) {
            try reactor.register(self)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// A socket on its way to `address`: it becomes writable when the connection stands or has failed.
    static func connecting(to address: SocketAddress, on reactor: Reactor) throws(SystemError)
        -> Socket
    {
        let type =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = Glibc.socket(address.family, type, 0)
        guard descriptor >= 0 else { throw SystemError.last("socket") }
        if case .ip = address {
            SocketOption.enable(TCP_NODELAY, at: Int32(IPPROTO_TCP), on: descriptor)
        }
        let result = unsafe address.withKernelAddress { unsafe Glibc.connect(descriptor, $0, $1) }
        guard result == 0 || errno == EINPROGRESS else {
            let error = SystemError.last("connect to \(address)")
            Glibc.close(descriptor)
            throw error
        }
        let socket = try Socket(descriptor: descriptor, on: reactor)
        socket.isWritable = false
        return socket
    }

    /// The error that the kernel holds for this socket, which is taken by asking.
    func takeError() -> Int32? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        let result = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        return result == 0 && code == 0 ? nil : code
    }

    /// Notes that the kernel has nothing more to give until the next edge.
    func clearReadable() { isReadable = false }

    func notice(events: UInt32) {
        lastEventAt = reactor.now
        if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue | EPOLLRDHUP.rawValue) != 0 {
            peerHasFinished = true
        }
        if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { isGone = true }
        if events & (EPOLLIN.rawValue | EPOLLERR.rawValue | EPOLLHUP.rawValue | EPOLLRDHUP.rawValue)
            != 0
        {
            isReadable = true
            readWaiter.wake(.ready)
            alsoWakes?.wake(.ready)
        }
        if events & (EPOLLOUT.rawValue | EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 {
            isWritable = true
            writeWaiter.wake(.ready)
        }
    }

    func receive(into buffer: UnsafeMutableRawPointer, count: Int) -> Transfer {
        guard isOpen else { return .failed(EBADF) }
        guard isReadable else { return .wouldBlock }
        let result = unsafe recv(descriptor, buffer, count, 0)
        if result > 0 {
            // What is left, if anything, brings a new edge; the end of the stream does not, when it came with
            // the last one.
            if result < count, !peerHasFinished { isReadable = false }
            return .bytes(result)
        }
        if result == 0 { return .endOfStream }
        return failure(clearing: \.isReadable)
    }

    func send(_ buffer: UnsafeRawPointer, count: Int, more: Bool = false) -> Transfer {
        guard isOpen else { return .failed(EBADF) }
        guard isWritable else { return .wouldBlock }
        let flags = Int32(MSG_NOSIGNAL) | (more ? Int32(MSG_MORE) : 0)
        let result = unsafe Glibc.send(descriptor, buffer, count, flags)
        if result >= 0 {
            if result < count { isWritable = false }
            return .bytes(result)
        }
        return failure(clearing: \.isWritable)
    }

    private func failure(clearing flag: ReferenceWritableKeyPath<Socket, Bool>) -> Transfer {
        let code = errno
        if code == EAGAIN || code == EINTR {
            if code == EAGAIN { self[keyPath: flag] = false }
            return .wouldBlock
        }
        if code == EPIPE || code == ECONNRESET {
            // What the peer sent before its end can still be read, and the kernel may not have told of it yet.
            isReadable = true
            peerHasFinished = true
        }
        return .failed(code)
    }

    /// Returns as soon as bytes, the end of the stream or an error can be received.
    @inline(__always)
    func waitReadable(until deadline: Instant) async throws(StreamError) {
        guard isOpen else { throw .closed }
        if isReadable { return }
        try Self.check(await reactor.wait(for: readWaiter, until: deadline) { isReadable }, isOpen)
    }

    /// Returns as soon as bytes can be sent or an error can be seen.
    func waitWritable(until deadline: Instant) async throws(StreamError) {
        guard isOpen else { throw .closed }
        if isWritable { return }
        try Self.check(await reactor.wait(for: writeWaiter, until: deadline) { isWritable }, isOpen)
    }

    private static func check(_ wake: Wake, _ isOpen: Bool) throws(StreamError) {
        switch wake {
        case .ready: if !isOpen { throw .closed }
        case .timedOut: throw .timedOut
        case .closed: throw .closed
        }
    }

    /// Sends the end of the stream; the peer may still be read.
    func finishSending() {
        if isOpen { _ = shutdown(descriptor, Int32(SHUT_WR)) }
    }

    /// Makes the coming `close` a reset instead of an orderly end.
    func resetOnClose() {
        SocketOption.set(SO_LINGER, to: linger(l_onoff: 1, l_linger: 0), on: descriptor)
    }

    /// Ends both directions and wakes who waits. Idempotent.
    func close() {
        guard isOpen else { return }
        isOpen = false
        reactor.unregister(self)
        Glibc.close(descriptor)
        readWaiter.wake(.closed)
        writeWaiter.wake(.closed)
    }

    deinit { if isOpen { Glibc.close(descriptor) } }
}
