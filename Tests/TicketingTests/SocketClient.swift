import Dispatch
import Glibc

/// A client that speaks HTTP/1.1 over a socket of its own for each request, so that the tests see what a gateway sees.
struct SocketClient: Sendable {
    /// An answer as it came over the wire.
    struct Answer: Sendable {
        let status: Int
        let headers: [(name: String, value: String)]
        let body: String

        /// All values of a header.
        func all(_ name: String) -> [String] { headers.filter { $0.name == name }.map(\.value) }

        /// The first value of a header; empty if there is none.
        subscript(_ name: String) -> String { all(name).first ?? "" }

        /// A text member of a JSON body, found without a schema.
        func member(_ name: String) -> String {
            body.split(separator: "\"\(name)\":\"").dropFirst().first?.split(separator: "\"").first
                .map(String.init)
                ?? ""
        }

        /// The name and value of the cookie this answer sets; empty if none.
        var cookie: String { String(self["set-cookie"].prefix { $0 != ";" }) }
    }

    struct Unreachable: Error {}

    let port: Int

    func get(_ path: String, _ headers: [String: String] = [:]) async throws -> Answer {
        try await send("GET", path, headers, "")
    }

    func post(_ path: String, json: String, _ headers: [String: String] = [:]) async throws
        -> Answer
    {
        try await send(
            "POST",
            path,
            ["content-type": "application/json"].merging(headers) { $1 },
            json
        )
    }

    func post(_ path: String, form: String, _ headers: [String: String] = [:]) async throws
        -> Answer
    {
        let type = ["content-type": "application/x-www-form-urlencoded"]
        return try await send("POST", path, type.merging(headers) { $1 }, form)
    }

    func send(_ method: String, _ path: String, _ headers: [String: String], _ body: String)
        async throws -> Answer
    {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close"]
        lines += headers.map { "\($0.key): \($0.value)" }
        if !body.isEmpty || method != "GET" { lines.append("Content-Length: \(body.utf8.count)") }
        let request = Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
        let bytes: [UInt8] = try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try Self.exchange(request, port: port) })
            }
        }
        return try Self.parse(bytes)
    }

    /// A socket on which a request was sent.
    static func ask(_ request: [UInt8], port: Int) throws -> CInt {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Unreachable() }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            close(descriptor)
            throw Unreachable()
        }
        var sent = 0
        while sent < request.count {
            let rest = Array(request[sent...])
            let count = unsafe Glibc.send(descriptor, rest, rest.count, Int32(MSG_NOSIGNAL))
            guard count > 0 else { break }
            sent += count
        }
        return descriptor
    }

    private static func exchange(_ request: [UInt8], port: Int) throws -> [UInt8] {
        let descriptor = try ask(request, port: port)
        defer { close(descriptor) }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return answer }
            answer += chunk[..<count]
        }
    }

    private static func parse(_ bytes: [UInt8]) throws -> Answer {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { throw Unreachable() }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else {
            throw Unreachable()
        }
        let headers = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            let value = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
            return (name: parts[0].lowercased(), value: String(value))
        }
        return Answer(status: status, headers: headers, body: String(text[end.upperBound...]))
    }
}
