import Glibc
import Transport

/// Why a command cannot do what it was asked for, where its usage would say nothing more.
struct CommandProblem: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Asks the admin listener of a running gateway, one request per connection.
struct AdminClient {
    private static let answerLimit = 16 << 20

    let address: String
    let operatorName: String?

    /// The rooms as a list of JSON.
    func rooms() throws -> String {
        let list = try get("/rooms")
        guard list == "[]" || list.hasPrefix("[{\"room\":") else {
            throw CommandProblem("\(address) is no admin address of a gateway")
        }
        return list
    }

    func get(_ path: String) throws -> String { try ask("GET", path) }

    func post(_ path: String) throws -> String { try ask("POST", path) }

    static func waitASecond() { sleep(1) }

    /// The content of a good answer.
    private func ask(_ method: String, _ path: String) throws -> String {
        guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw CommandProblem("a name or value has characters that cannot be sent")
        }
        let socket = try connect()
        defer { close(socket) }
        let name = operatorName ?? Self.userName
        let request =
            "\(method) \(path) HTTP/1.1\r\nHost: \(address)\r\nX-Haniel-Operator: \(name)\r\n"
            + "Content-Length: 0\r\nConnection: close\r\n\r\n"
        let bytes = Array(request.utf8)
        guard unsafe send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw CommandProblem("\(address) broke off")
        }
        let answer = receive(from: socket)
        guard let end = answer.firstRange(of: "\r\n\r\n") else {
            throw CommandProblem("\(address) gave no answer")
        }
        let body = answer[end.upperBound...].trimmingLineEnds
        guard answer.hasPrefix("HTTP/1.1 200") else { throw CommandProblem(Self.problem(body)) }
        return String(body)
    }

    /// What an answer says is wrong, without the JSON around it.
    static func problem(_ body: Substring) -> String {
        let json = try? JSONReader.read(Array(body.utf8)[...], .utf8)
        return json?["problem"]?.text ?? String(body)
    }

    private func receive(from socket: Int32) -> String {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < Self.answerLimit {
            let count = unsafe recv(socket, &block, block.count, 0)
            guard count > 0 else { break }
            bytes += block[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func connect() throws -> Int32 {
        let place: Address
        do {
            place = try Address(text: address)
        } catch {
            throw CommandProblem("\(address) is no HOST:PORT")
        }
        for candidate in ServerAddresses.resolve(place) {
            if let socket = BlockingSocket.connect(to: candidate) { return socket }
        }
        throw CommandProblem(
            "nothing listens on \(address); --admin names the gateway's admin address"
        )
    }

    private static var userName: String {
        guard let text = unsafe getenv("USER") else { return "operator" }
        let name = unsafe String(cString: text)
        return name.isEmpty ? "operator" : name
    }
}

extension Substring {
    fileprivate var trimmingLineEnds: Substring {
        var text = self
        while let last = text.last, last.isNewline { text.removeLast() }
        return text
    }
}
