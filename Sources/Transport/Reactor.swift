import CLinux
import Glibc
import Synchronization

/// One thread's event loop: epoll, timers, buffers, and the executor of all tasks that live on it.
///
/// A worker has one reactor, and everything that hangs on a reactor is touched by its thread alone; only `enqueue`,
/// `wakeUp` and `stop` may be called from elsewhere.
@safe public final class Reactor: TaskExecutor, @unchecked Sendable {
    // Unchecked: the state below belongs to the reactor's thread; what other threads reach is behind `remote`
    // and `isStopping`.
    private let epoll: Int32
    private let wakeEvent: Int32
    private let events: UnsafeMutableBufferPointer<epoll_event>
    private var thread = pthread_t()
    private let isStopping = Atomic<Bool>(false)

    private let remote = Mutex<[UnownedJob]>([])
    private var ready: [UnownedJob] = []
    private var turn: [UnownedJob] = []
    private var registrations = RegistrationTable()
    /// Where tasks that gave up their turn wait for the next one.
    var yielding: [Waiter] = []
    var timers: TimerWheel

    /// Blocks for reading and writing, lent to connections while they have bytes in hand.
    public let buffers = BufferPool()
    /// The time of this turn of the loop.
    public private(set) var now: Instant
    /// The longest turn since the last look, in nanoseconds: how long a ready task had to wait.
    public private(set) var longestTurnNanoseconds: UInt64 = 0

    private static let eventsPerTurn = 256
    /// When the loop sent itself something that is still in its queue.
    private var probeSentAt: Instant?
    private var lastProbeNanoseconds: UInt64 = 0

    /// A reactor that does not run yet.
    ///
    /// - Throws: `SystemError` if the kernel has no descriptor left.
    public init() throws(SystemError) {
        now = Instant.current()
        timers = TimerWheel(now: now)
        unsafe events = .allocate(capacity: Self.eventsPerTurn)
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wakeEvent = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard epoll >= 0, wakeEvent >= 0 else { throw SystemError.last("epoll_create1") }
        _ = bmh_epoll_add(epoll, wakeEvent, EPOLLIN.rawValue, RegistrationTable.wakeToken)
    }

    deinit {
        close(epoll)
        close(wakeEvent)
        unsafe events.deallocate()
    }

    /// Runs the loop on the calling thread until `stop`.
    public func run() {
        thread = pthread_self()
        unsafe bmh_set_thread_context(Unmanaged.passUnretained(self).toOpaque())
        while !isStopping.load(ordering: .relaxed) {
            takeRemoteJobs()
            endYields()
            runReadyJobs()
            poll()
            timers.advance(to: now)
        }
        takeRemoteJobs()
        runReadyJobs()
    }

    /// Starts a thread that runs the loop.
    public func start() throws(SystemError) { try Thread.start { [self] in run() } }

    /// Ends the loop after its present turn. Tasks that are still suspended stay so.
    public func stop() {
        isStopping.store(true, ordering: .relaxed)
        wakeUp()
    }

    /// Starts a task whose every step runs on this reactor's thread.
    @discardableResult
    public func spawn(_ body: sending @escaping () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: self) { await body() }
    }

    /// Starts a task that takes `value` with it, a thing that is confined to this reactor's thread and stays so.
    ///
    /// To be called on that thread.
    public func spawn<Value>(with value: Value, _ body: @escaping @Sendable (Value) async -> Void) {
        assert(isCurrent, "what is confined to a thread is handed on by that thread")
        let confined = Confined(value: value)
        Task(executorPreference: self) { await body(confined.value) }
    }

    /// Unchecked: only made and opened on the one thread that its value belongs to.
    private struct Confined<Value>: @unchecked Sendable {
        let value: Value
    }

    // MARK: Executor

    /// The reactor whose thread the caller runs on; nil on any other thread.
    public static var current: Reactor? {
        unsafe bmh_thread_context().map {
            unsafe Unmanaged<Reactor>.fromOpaque($0).takeUnretainedValue()
        }
    }

    /// Whether the caller runs on this reactor's thread.
    public var isCurrent: Bool { pthread_equal(pthread_self(), thread) != 0 }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            ready.append(job)
            return
        }
        let wasEmpty = remote.withLock { queue in
            queue.append(job)
            return queue.count == 1
        }
        if wasEmpty { wakeUp() }
    }

    private func takeRemoteJobs() {
        remote.withLock { queue in
            guard !queue.isEmpty else { return }
            ready.append(contentsOf: queue)
            queue.removeAll(keepingCapacity: true)
        }
    }

    /// Queues the tasks that yielded behind those that became ready meanwhile.
    private func endYields() {
        guard !yielding.isEmpty else { return }
        for waiter in yielding { waiter.wake(.ready) }
        yielding.removeAll(keepingCapacity: true)
    }

    /// Jobs that become ready meanwhile wait for the next turn, so that no chain of them can keep sockets from
    /// being seen.
    private func runReadyJobs() {
        swap(&ready, &turn)
        let executor = unsafe asUnownedTaskExecutor()
        for job in turn {
            unsafe job.runSynchronously(on: executor)
        }
        turn.removeAll(keepingCapacity: true)
    }

    private func wakeUp() {
        var one: UInt64 = 1
        _ = unsafe write(wakeEvent, &one, 8)
    }

    // MARK: Sockets

    /// Reports the readiness of `socket` to it from now on, edge-triggered.
    func register(_ socket: Socket) throws(SystemError) {
        let token = registrations.insert(socket)
        let interest = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        guard bmh_epoll_add(epoll, socket.descriptor, interest, token) == 0 else {
            registrations.remove(token)
            throw SystemError.last("epoll_ctl")
        }
        socket.token = token
    }

    /// Forgets `socket`, whose descriptor the caller closes next. Events already fetched for it are dropped.
    func unregister(_ socket: Socket) {
        registrations.remove(socket.token)
        timers.remove(socket.readWaiter)
        timers.remove(socket.writeWaiter)
    }

    /// The longest turn since this was last called, in nanoseconds.
    public func takeLongestTurn() -> UInt64 {
        defer { longestTurnNanoseconds = 0 }
        return longestTurnNanoseconds
    }

    /// How long what becomes ready waits for its turn, in nanoseconds, as the last probe shows.
    public var queueDelayNanoseconds: UInt64 {
        probeSentAt.map { now.nanoseconds(since: $0) } ?? lastProbeNanoseconds
    }

    /// Sends a probe through the queue of ready sockets, unless one is on its way.
    public func probeQueue() {
        guard probeSentAt == nil else { return }
        probeSentAt = Instant.current()
        wakeUp()
    }

    private func endProbe() {
        guard let sentAt = probeSentAt else { return }
        probeSentAt = nil
        lastProbeNanoseconds = now.nanoseconds(since: sentAt)
    }

    private func poll() {
        let busySince = now
        now = Instant.current()
        longestTurnNanoseconds = max(longestTurnNanoseconds, now.nanoseconds(since: busySince))
        let timeout =
            ready.isEmpty && yielding.isEmpty ? timers.millisecondsUntilNext(after: now) : 0
        let count = unsafe epoll_wait(epoll, events.baseAddress, Int32(Self.eventsPerTurn), timeout)
        now = Instant.current()
        guard count > 0 else { return }
        for index in 0..<Int(count) {
            let token = unsafe events[index].data.u64
            if token == RegistrationTable.wakeToken {
                var value: UInt64 = 0
                _ = unsafe read(wakeEvent, &value, 8)
                endProbe()
            } else {
                registrations.socket(for: token)?.notice(events: unsafe events[index].events)
            }
        }
    }
}
