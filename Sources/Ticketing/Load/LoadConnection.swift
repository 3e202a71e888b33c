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

    /// Asks for a stream of events and hands over its bytes as they come, until the server ends it.
    func follow(_ path: String, _ note: (ArraySlice<UInt8>) -> Void) async throws(Lost) {
        do {
            let stream = try await open()
            try await write(head("GET", path, ["accept: text/event-stream"], nil), to: stream)
            while true {
                note(received[...])
                received.removeAll(keepingCapacity: true)
                guard try await receive(from: stream, until: .distantFuture) else { break }
            }
        } catch {
            close()
            throw Lost()
        }
        close()
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

    private func readAnswer(from stream: ByteStream) async throws -> LoadAnswer {
        let deadline = deadline
        var end = Self.headEnd(in: received)
        while end == nil {
            guard try await receive(from: stream, until: deadline) else { throw Lost() }
            end = Self.headEnd(in: received)
        }
        let headBytes = end ?? 0
        let lines = String(decoding: received[..<headBytes], as: UTF8.self)
            .split(separator: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { throw Lost() }
        var length: Int?
        var isChunked = false
        var isLast = false
        var cookies: [String] = []
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            let value = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
            switch parts[0].lowercased() {
            case "content-length":
                guard let bytes = Int(value), (0...Self.answerBytesLimit).contains(bytes) else {
                    throw Lost()
                }
                length = bytes
            case "transfer-encoding": isChunked = value.lowercased() == "chunked"
            case "connection": isLast = value.lowercased() == "close"
            case "set-cookie": cookies.append(String(value.prefix { $0 != ";" }))
            default: break
            }
        }
        received.removeFirst(headBytes)
        var body: [UInt8] = []
        if isChunked {
            body = try await readChunks(from: stream, until: deadline)
        } else if let length, status != 304 {
            while received.count < length {
                guard try await receive(from: stream, until: deadline) else { throw Lost() }
            }
            body = Array(received[..<length])
            received.removeFirst(length)
        }
        if isLast { close() }
        let text = String(decoding: body, as: UTF8.self)
        return LoadAnswer(status: status, cookies: cookies, body: text)
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
