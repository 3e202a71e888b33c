import Transport

/// One connection of a load generator, kept alive and made anew when it is lost.
///
/// Confined to the reactor's thread that its task runs on.
final class LoadConnection {
    /// The server went away or answered nonsense; what was asked may have happened.
    struct Lost: Error {}

    private static let patienceMilliseconds = 20_000
    private static let answerBytesLimit = 8 << 20

    private let target: LoadTarget
    private let reactor: Reactor
    private var stream: ByteStream?
    private var received: [UInt8] = []
    private var chunk = [UInt8](repeating: 0, count: 16_384)

    init(to target: LoadTarget, on reactor: Reactor) {
        self.target = target
        self.reactor = reactor
    }

    private var deadline: Instant {
        Instant.current().advanced(by: .milliseconds(Self.patienceMilliseconds))
    }

    /// Closes the connection; the next request makes another one.
    func close() {
        stream?.close()
        stream = nil
        received = []
    }

    /// Sends a request and reads its answer. Throws `Lost` if that did not work, on a fresh connection next time.
    func send(
        _ method: String,
        _ path: String,
        _ fields: [String] = [],
        body: String? = nil
    ) async throws(Lost) -> LoadAnswer {
        do {
            let stream = try await open()
            try await write(head(method, path, fields, body), to: stream)
            return try await readAnswer(from: stream)
        } catch {
            close()
            throw Lost()
        }
    }

    /// Asks for a stream of events and hands over its bytes as they come, until the server ends it. Throws `Lost` if it
    /// breaks, and at the time that is given.
    ///
    /// - Parameter answered: hears the status; nothing but a 200 is a stream, and nothing else is followed.
    func follow(
        _ path: String,
        until end: Instant,
        answered: (Int) -> Void,
        _ note: (ArraySlice<UInt8>) -> Void
    ) async throws(Lost) {
        defer { close() }
        do {
            let stream = try await open()
            try await write(head("GET", path, ["accept: text/event-stream"], nil), to: stream)
            let status = try await readHead(from: stream, until: deadline).status
            answered(status)
            guard status == 200 else { return }
            repeat {
                note(received[...])
                received.removeAll(keepingCapacity: true)
            } while try await receive(from: stream, until: end)
        } catch {
            throw Lost()
        }
    }

    private func head(_ method: String, _ path: String, _ fields: [String], _ body: String?)
        -> String
    {
        var lines = ["\(method) \(path) HTTP/1.1", "host: \(target.authority)"] + fields
        if let body { lines.append("content-length: \(body.utf8.count)") }
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
    }

    private func open() async throws -> ByteStream {
        if let stream, stream.isOpen, !stream.hasReceived { return stream }
        close()
        let fresh = try await ByteStream.connect(to: target.address, on: reactor, until: deadline)
        if let tls = target.tls {
            try await fresh.connectTLS(tls, serverName: target.host, until: deadline)
        }
        stream = fresh
        return fresh
    }

    private func write(_ text: String, to stream: ByteStream) async throws {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = try unsafe bytes[sent...].withUnsafeBytes { rest in
                try unsafe stream.writeNow(rest)
            }
            sent += count
            if count == 0 { try await stream.waitWritable(until: deadline) }
        }
    }

    /// Reads what comes; false at the end of the stream.
    private func receive(from stream: ByteStream, until deadline: Instant) async throws -> Bool {
        while true {
            let count = try unsafe chunk.withUnsafeMutableBytes { buffer in
                try unsafe stream.readNow(into: buffer)
            }
            if let count {
                guard received.count + count <= Self.answerBytesLimit else { throw Lost() }
                received += chunk[..<count]
                return count > 0
            }
            try await stream.waitReadable(until: deadline)
        }
    }

    /// What the head of an answer says of the rest.
    private struct Head {
        let status: Int
        var length: Int?
        var isChunked = false
        var isLast = false
        var cookies: [String] = []

        mutating func note(_ name: String, _ value: ArraySlice<UInt8>) throws(Lost) {
            switch name {
            case "content-length":
                guard let bytes = Int(LoadConnection.text(value)),
                    (0...LoadConnection.answerBytesLimit).contains(bytes)
                else {
                    throw Lost()
                }
                length = bytes
            case "transfer-encoding":
                isChunked = LoadConnection.text(value).lowercased() == "chunked"
            case "connection": isLast = LoadConnection.text(value).lowercased() == "close"
            case "set-cookie":
                cookies.append(LoadConnection.text(value.prefix { $0 != UInt8(ascii: ";") }))
            default: break
            }
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    private func readHead(from stream: ByteStream, until deadline: Instant) async throws -> Head {
        var end = Self.headEnd(in: received)
        while end == nil {
            guard try await receive(from: stream, until: deadline) else { throw Lost() }
            end = Self.headEnd(in: received)
        }
        let headBytes = end ?? 0
        let lines = received[..<headBytes].split { $0 == 13 || $0 == 10 }
        guard let status = lines.first?.split(separator: 32).dropFirst().first,
            let code = Int(Self.text(status))
        else { throw Lost() }
        var head = Head(status: code)
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw Lost() }
            let value = line[(colon + 1)...].drop { $0 == 32 }
            try head.note(Self.text(line[..<colon]).lowercased(), value)
        }
        received.removeFirst(headBytes)
        return head
    }

    private func readAnswer(from stream: ByteStream) async throws -> LoadAnswer {
        let deadline = deadline
        let head = try await readHead(from: stream, until: deadline)
        var body: [UInt8] = []
        if head.isChunked {
            body = try await readChunks(from: stream, until: deadline)
        } else if let length = head.length, head.status != 304 {
            while received.count < length {
                guard try await receive(from: stream, until: deadline) else { throw Lost() }
            }
            body = Array(received[..<length])
            received.removeFirst(length)
        }
        if head.isLast { close() }
        let text = String(decoding: body, as: UTF8.self)
        return LoadAnswer(status: head.status, cookies: head.cookies, body: text)
    }

    private func readChunks(from stream: ByteStream, until deadline: Instant) async throws
        -> [UInt8]
    {
        var body: [UInt8] = []
        while true {
            var end = received.firstIndex(of: UInt8(ascii: "\n"))
            while end == nil {
                guard try await receive(from: stream, until: deadline) else { throw Lost() }
                end = received.firstIndex(of: UInt8(ascii: "\n"))
            }
            let line = received[..<(end ?? 0)].filter { $0 != UInt8(ascii: "\r") }
            guard let size = Int(String(decoding: line, as: UTF8.self), radix: 16), size >= 0,
                size <= Self.answerBytesLimit
            else { throw Lost() }
            received.removeFirst((end ?? 0) + 1)
            while received.count < size + 2 {
                guard try await receive(from: stream, until: deadline) else { throw Lost() }
            }
            body += received[..<size]
            received.removeFirst(size + 2)
            if size == 0 { return body }
        }
    }

    /// Where the content begins; nil while the head is not complete.
    private static func headEnd(in bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 3..<bytes.count
        where bytes[index] == 10 && bytes[index - 1] == 13 && bytes[index - 2] == 10 {
            return index + 1
        }
        return nil
    }
}
