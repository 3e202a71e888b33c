import Glibc
import Synchronization
import Transport

/// What connects a gateway with the one that takes over from it: a pair of sockets, of which the successor
/// inherits one.
///
/// The older process sends the secret it drew, and once the newer one is ready a greeting, each room it keeps, and from
/// then on what its last connections ask. Each message is a length of four bytes and a text; the newer one
/// answers each but the first.
///
/// Contention: a lock held to append to a list. A thread that lives while there is something to say speaks for all, so
/// that no worker waits for the other process.
final class SuccessionLink: Sendable {
    /// What the newer process does with what it is sent.
    struct Handler: Sendable {
        /// Takes over a room; false if it cannot.
        let take: @Sendable (_ room: String, _ record: String, _ log: String) -> Bool
        let answer: @Sendable (_ room: String, QueueQuestion) -> [Int64]?
        /// All rooms were sent, or the older process is gone: then more may have been inside than anybody knows.
        let end: @Sendable (_ isOrderly: Bool) -> Void
    }

    /// A message, and who wants to know the answer: nil if there will be none.
    private struct Letter: Sendable {
        /// Written when its turn has come, also if nobody will read it.
        let text: @Sendable () -> String
        let receive: @Sendable (String?) -> Void
    }

    private struct Post {
        /// Whether every message so far was answered.
        var isWhole = true
        var letters: [Letter] = []
        var isCarried = false
    }

    /// Longer than any room; nothing of this size is sent by anybody else, as the sockets have no name.
    private static let lengthLimit = 1 << 30
    private static let patienceSeconds = 10
    /// More than the last connections of a process ask at one time.
    private static let letterLimit = 100_000

    private let descriptor: Int32
    private let outbox = Mutex(Post())

    init(descriptor: Int32) {
        self.descriptor = descriptor
        setPatience(Self.patienceSeconds)
    }

    deinit { close(descriptor) }

    /// A link, and the end that the other process is to inherit: the caller closes it.
    static func pair() -> (link: SuccessionLink, other: Int32)? {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, type, 0, &ends) == 0 else { return nil }
        return (SuccessionLink(descriptor: ends[0]), ends[1])
    }

    // MARK: The older process

    /// Sends what the other process needs before it can read a ticket; it waits in the socket until it is wanted.
    func begin(secret: [UInt8]) { _ = send("secret " + Base64URL.encode(secret)) }

    /// Whether the other process, which is ready, knows such links; waits for a moment. Nothing was asked of it before.
    func isGreeted(withinSeconds seconds: Int = 2) -> Bool {
        setPatience(seconds)
        defer { setPatience(Self.patienceSeconds) }
        guard send("hello"), receive() != nil else {
            sever()
            return false
        }
        return true
    }

    /// Sends a room: whatever comes of it, it counts as gone.
    ///
    /// - Parameters:
    ///   - luggage: packs the room; called once, also if the other process is gone.
    ///   - receive: hears whether the other process has it.
    func take(
        _ room: String,
        luggage: @escaping @Sendable () -> (record: String, log: String),
        receive: @escaping @Sendable (Bool) -> Void
    ) {
        post(
            Letter(
                text: {
                    let (record, log) = luggage()
                    return "take \(room) \(record.utf8.count)\n\(record)\(log)"
                },
                receive: { receive($0 == "1") }
            )
        )
    }

    /// Asks about a room; `receive` hears nil if the other process is gone, or does not know the room.
    func ask(
        _ question: QueueQuestion,
        room: String,
        receive: @escaping @Sendable ([Int64]?) -> Void
    ) {
        post(
            Letter(
                text: { "ask \(room) \(question.text)" },
                receive: { answer in
                    guard let answer, answer != "-" else { return receive(nil) }
                    receive(
                        answer.split(separator: " ").compactMap { Int64($0).map(QueueNumber.clamp) }
                    )
                }
            )
        )
    }

    func ask(_ question: QueueQuestion, room: String) async -> [Int64]? {
        await withCheckedContinuation { continuation in
            ask(question, room: room) { continuation.resume(returning: $0) }
        }
    }

    /// For a thread that may wait.
    func askWaiting(_ question: QueueQuestion, room: String) -> [Int64]? {
        let heard = Semaphore()
        let answer = Mutex<[Int64]?>(nil)
        ask(question, room: room) { numbers in
            answer.withLock { $0 = numbers }
            heard.signal()
        }
        heard.wait()
        return answer.withLock { $0 }
    }

    /// Says that all rooms were sent, and waits until the other process has heard it, or is gone.
    func end() {
        let heard = Semaphore()
        post(Letter(text: { "end" }, receive: { _ in heard.signal() }))
        heard.wait()
    }

    private func post(_ letter: Letter) {
        let (isTaken, isFirst) = outbox.withLock { post in
            guard post.letters.count < Self.letterLimit else { return (false, false) }
            post.letters.append(letter)
            defer { post.isCarried = true }
            return (true, !post.isCarried)
        }
        guard isTaken else { return letter.receive(nil) }
        guard isFirst, (try? Thread.start { [self] in carry() }) == nil else { return }
        // No thread to wait for the other process on: nothing is sent any more.
        sever()
        carry()
    }

    /// Takes letters there and answers back, in their order, until there are none.
    private func carry() {
        while true {
            let (letters, isWhole) = outbox.withLock { post in
                defer { post.letters = [] }
                if post.letters.isEmpty { post.isCarried = false }
                return (post.letters, post.isWhole)
            }
            guard !letters.isEmpty else { return }
            var canSend = isWhole
            for letter in letters {
                let text = letter.text()
                let answer = canSend && send(text) ? receive() : nil
                if answer == nil, canSend {
                    canSend = false
                    sever()
                }
                letter.receive(answer)
            }
        }
    }

    /// After one message was not answered none is sent: the other process then knows that it is on its own.
    private func sever() {
        outbox.withLock { $0.isWhole = false }
        _ = shutdown(descriptor, Int32(SHUT_RDWR))
    }

    // MARK: The newer process

    /// The secret that the older process drew; nil if it has none to tell.
    func secret() -> [UInt8]? {
        guard let text = receive(), text.hasPrefix("secret ") else { return nil }
        return Base64URL.decode(Array(text.dropFirst(7).utf8))
    }

    /// Serves the older process on a thread of its own, until that one ends.
    func serve(_ handler: Handler) throws(SystemError) {
        setPatience(0)
        try Thread.start { [self] in
            while let text = receive() {
                guard send(Self.answer(text, handler)) else { break }
            }
            handler.end(false)
        }
    }

    private static func answer(_ text: String, _ handler: Handler) -> String {
        let words = text.split(separator: " ", maxSplits: 2)
        switch (words.first, words.count) {
        case ("ask", 3):
            let numbers = QueueQuestion(text: words[2]).flatMap {
                handler.answer(String(words[1]), $0)
            }
            return numbers.map { $0.map(String.init).joined(separator: " ") } ?? "-"
        case ("take", 3):
            guard let end = words[2].firstIndex(of: "\n"), let size = Int(words[2][..<end]) else {
                return "0"
            }
            let rest = words[2][end...].dropFirst().utf8
            let record = String(rest.prefix(max(size, 0))) ?? ""
            let log = String(rest.dropFirst(max(size, 0))) ?? ""
            return handler.take(String(words[1]), record, log) ? "1" : "0"
        case ("end", _):
            handler.end(true)
            return "1"
        case ("hello", _): return "1"
        default: return "-"
        }
    }

    // MARK: Messages

    private func setPatience(_ seconds: Int) {
        SocketOption.setPatience(seconds: seconds, on: descriptor)
    }

    private func send(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.lengthLimit else { return false }
        let length = UInt32(bytes.count)
        let head = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> UInt32($0)) }
        let message = head + bytes
        var sent = 0
        while sent < message.count {
            let count = unsafe message.withUnsafeBytes {
                unsafe Glibc.send(
                    descriptor,
                    $0.baseAddress?.advanced(by: sent),
                    $0.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private func receive() -> String? {
        guard let head = receive(count: 4) else { return nil }
        let length = head.reduce(0) { $0 << 8 | Int($1) }
        guard length <= Self.lengthLimit, let bytes = receive(count: length) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func receive(count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var received = 0
        while received < count {
            let got = unsafe bytes.withUnsafeMutableBytes {
                unsafe recv(
                    descriptor,
                    $0.baseAddress?.advanced(by: received),
                    $0.count - received,
                    0
                )
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            received += got
        }
        return bytes
    }
}
