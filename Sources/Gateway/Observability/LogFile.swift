import Glibc
import Synchronization
import Transport

/// A log that a thread of its own writes, so that no disk ever holds up a worker.
///
/// Contention: workers hand over whole buffers under a mutex, a few times a second each. What the disk cannot take is
/// dropped beyond `pendingLimitBytes` and counted.
final class LogFile: Sendable {
    private struct Pending {
        var buffers: [[UInt8]] = []
        var bytes = 0
        var descriptor: Int32
        /// Descriptors that were replaced. The writing thread closes them, since it may be in the middle of one.
        var retired: [Int32] = []
        var isIdle = true
    }

    private static let pendingLimitBytes = 64 << 20
    /// How long whoever reads a pipe may take.
    private static let patienceMilliseconds: Int32 = 5_000

    /// Nil for standard output.
    let path: String?
    private let pending: Mutex<Pending>
    private let wakeUp = Semaphore()
    private let dropped = Atomic<Int>(0)
    private let failure = Atomic<Int32>(0)

    /// Buffers of lines that were dropped because the disk could not keep up or refused them.
    var droppedBufferCount: Int { dropped.load(ordering: .relaxed) }

    /// Why the last lines that were dropped were; nil if there were too many.
    var lastFailure: SystemError? {
        let code = failure.load(ordering: .relaxed)
        return code == 0 ? nil : SystemError(call: "write", code: code)
    }

    /// Opens `path` for appending, or standard output if nil; nil if the file cannot be opened, or there is no
    /// thread to write it.
    init?(path: String?) {
        let descriptor = path.map(Self.open) ?? STDOUT_FILENO
        guard descriptor >= 0 else { return nil }
        self.path = path
        pending = Mutex(Pending(descriptor: descriptor))
        guard (try? Thread.start { [self] in writeLoop() }) != nil else {
            if path != nil { close(descriptor) }
            return nil
        }
    }

    /// Hands over whole lines.
    func append(_ lines: [UInt8]) {
        let accepted = pending.withLock { pending in
            guard pending.bytes + lines.count <= Self.pendingLimitBytes else { return false }
            pending.bytes += lines.count
            pending.buffers.append(lines)
            return true
        }
        if accepted { return wakeUp.signal() }
        failure.store(0, ordering: .relaxed)
        dropped.add(1, ordering: .relaxed)
    }

    /// Opens the path anew, after the old file was moved away.
    func reopen() {
        guard let path else { return }
        let descriptor = Self.open(path)
        guard descriptor >= 0 else { return }
        pending.withLock { pending in
            pending.retired.append(pending.descriptor)
            pending.descriptor = descriptor
        }
        wakeUp.signal()
    }

    /// Waits until everything handed over is written, one second at most.
    func drain() {
        for _ in 0..<100 {
            if pending.withLock({ $0.buffers.isEmpty && $0.isIdle }) { return }
            wakeUp.signal()
            usleep(10_000)
        }
    }

    private func writeLoop() {
        while true {
            let (buffers, descriptor, retired) = pending.withLock { pending in
                defer {
                    pending.retired = []
                    pending.buffers = []
                    pending.bytes = 0
                    pending.isIdle = false
                }
                return (pending.buffers, pending.descriptor, pending.retired)
            }
            for old in retired { close(old) }
            // Under an attack there are as many events as requests: what came meanwhile is written at once.
            let bytes = buffers.count == 1 ? buffers[0] : Self.joined(buffers)
            if !Self.writeAll(bytes, to: descriptor) {
                failure.store(errno, ordering: .relaxed)
                dropped.add(buffers.count, ordering: .relaxed)
            }
            pending.withLock { $0.isIdle = true }
            if buffers.isEmpty { wakeUp.wait() }
        }
    }

    private static func joined(_ buffers: [[UInt8]]) -> [UInt8] {
        var all: [UInt8] = []
        all.reserveCapacity(buffers.reduce(0) { $0 + $1.count })
        for buffer in buffers { all += buffer }
        return all
    }

    /// False if not everything was written.
    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe write(
                    descriptor,
                    $0.baseAddress.map { unsafe $0 + offset },
                    bytes.count - offset
                )
            }
            if count < 0, errno == EINTR { continue }
            // Standard output may be a pipe that somebody made not to block.
            if count < 0, errno == EAGAIN, waitWritable(descriptor) { continue }
            guard count > 0 else { return false }
            offset += count
        }
        return true
    }

    /// Whether a pipe takes bytes again within some seconds.
    private static func waitWritable(_ descriptor: Int32) -> Bool {
        var wish = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&wish, 1, patienceMilliseconds) == 1
    }

    private static func open(_ path: String) -> Int32 {
        unsafe Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
    }
}
