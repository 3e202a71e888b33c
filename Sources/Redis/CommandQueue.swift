import Transport

/// One command on its way; shared by the task that waits for the reply and the connection that brings it.
///
/// Confined to its reactor's thread.
final class PendingCommand {
    let encoded: [UInt8]
    let waiter: Waiter
    private(set) var result: Result<RESPValue, RedisError>?
    /// When it was handed to the connection; nil before.
    fileprivate(set) var sentAt: Instant?
    /// Whether nobody waits for the reply any more.
    fileprivate(set) var isAbandoned = false

    init(_ encoded: [UInt8], waiter: Waiter = Waiter()) {
        self.encoded = encoded
        self.waiter = waiter
    }

    var wasSent: Bool { sentAt != nil }

    /// Keeps the outcome for whoever waits; a second one changes nothing.
    func finish(_ result: Result<RESPValue, RedisError>) {
        guard self.result == nil else { return }
        self.result = result
        waiter.wake(.ready)
    }
}

/// Which commands are unsent, and which are sent and unanswered. Pure: it moves no byte itself.
///
/// Redis answers in the order of the commands, so replies need no names. A sent command whose caller has given up keeps
/// its place until its reply came; an unsent one is dropped without ever being sent.
struct CommandQueue {
    let countLimit: Int
    let bytesLimit: Int
    private var unsent = FIFO<PendingCommand>()
    private var unanswered = FIFO<PendingCommand>()
    private var unsentBytes = 0

    init(countLimit: Int, bytesLimit: Int) {
        self.countLimit = countLimit
        self.bytesLimit = bytesLimit
    }

    var count: Int { unsent.count + unanswered.count }
    var hasUnsent: Bool { !unsent.isEmpty }

    /// Adds a command behind the others; false when there are too many.
    mutating func add(_ command: PendingCommand) -> Bool {
        guard count < countLimit, command.encoded.count <= bytesLimit - unsentBytes else {
            return false
        }
        unsentBytes += command.encoded.count
        unsent.append(command)
        return true
    }

    /// Takes commands to be sent now, at least one if there is any, then up to about `limitBytes`.
    mutating func takeUnsent(limitBytes: Int, now: Instant) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < limitBytes, let command = unsent.popFirst() {
            unsentBytes -= command.encoded.count
            guard !command.isAbandoned else { continue }
            command.sentAt = now
            bytes.append(contentsOf: command.encoded)
            unanswered.append(command)
        }
        return bytes
    }

    /// Gives a reply to the oldest unanswered command; false when none is, which means that the server is confused.
    mutating func answer(_ reply: RESPValue) -> Bool {
        guard let command = unanswered.popFirst() else { return false }
        if case .error(let text) = reply {
            command.finish(.failure(.refused(text)))
        } else {
            command.finish(.success(reply))
        }
        return true
    }

    /// Notes that nobody waits for the command any more.
    mutating func abandon(_ command: PendingCommand) {
        command.isAbandoned = true
    }

    /// The connection is gone: what was sent may have been carried out or not. What was not sent stays for the
    /// next one.
    mutating func loseConnection() {
        while let command = unanswered.popFirst() { command.finish(.failure(.unknownOutcome)) }
    }

    /// There will be no connection soon: nothing unsent is kept.
    mutating func refuseUnsent(_ error: RedisError) {
        while let command = unsent.popFirst() { command.finish(.failure(error)) }
        unsentBytes = 0
    }
}

/// First in, first out, without moving the rest on every removal.
struct FIFO<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { head == elements.count }

    mutating func append(_ element: Element) {
        elements.append(element)
    }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head]
        elements[head] = nil
        head += 1
        if head == elements.count {
            elements.removeAll(keepingCapacity: head <= 4096)
            head = 0
        } else if head >= 1024, head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }
}
