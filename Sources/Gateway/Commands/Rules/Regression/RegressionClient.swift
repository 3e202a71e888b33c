import Glibc
import Transport

/// Sends the requests of regression tests to a running gateway, byte for byte, a connection each.
struct RegressionClient: Sendable {
    private static let timeoutSeconds = 10
    private static let responseLimit = 16 << 20

    private let host: String
    private let port: UInt16

    /// - Parameter text: an IPv4 address, or `localhost`, and a port.
    init(_ text: String) throws {
        let parts = text.split(separator: ":").map(String.init)
        guard parts.count == 2, let port = UInt16(parts[1]) else {
            throw RegressionProblem(description: "`\(text)` is not HOST:PORT")
        }
        self.port = port
        host = parts[0] == "localhost" ? "127.0.0.1" : parts[0]
        _ = try address
    }

    private var address: sockaddr_in {
        get throws {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            guard unsafe inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
                throw RegressionProblem(description: "`\(host)` is not an IPv4 address")
            }
            return address
        }
    }

    /// What came back; the ids are those of `X-Waf-Rules`.
    func observe(_ request: [UInt8]) throws -> RegressionExpectation.Observation {
        let answer = try exchange(request)
        let text = String(decoding: answer, as: UTF8.self)
        let head = text.prefix(upTo: text.firstRange(of: "\r\n\r\n")?.lowerBound ?? text.endIndex)
        let lines = head.split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        let ids = lines.dropFirst().filter { $0.lowercased().hasPrefix("x-waf-rules:") }
            .flatMap { $0.dropFirst("x-waf-rules:".count).split { !$0.isNumber } }.compactMap {
                Int($0)
            }
        return .init(
            status: words.count > 1 && words[0].hasPrefix("HTTP/") ? Int(words[1]) : nil,
            responseText: text,
            ids: ids,
            lines: nil
        )
    }

    private func exchange(_ request: [UInt8]) throws -> [UInt8] {
        let descriptor = socket(
            AF_INET,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { throw RegressionProblem(description: "no socket is left") }
        defer { close(descriptor) }
        SocketOption.setPatience(seconds: Self.timeoutSeconds, on: descriptor)
        var address = try address
        let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            throw RegressionProblem(description: "nobody answers at the address")
        }
        var start = 0
        while start < request.count {
            let sent = unsafe request[start...].withUnsafeBytes {
                unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            // The gateway may answer and close before it has read all.
            guard sent > 0 else { break }
            start += sent
        }
        return receive(descriptor, isHead: request.starts(with: "HEAD ".utf8))
    }

    /// Reads until the answer is complete, or the gateway closes.
    private func receive(_ descriptor: Int32, isHead: Bool) -> [UInt8] {
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while answer.count < Self.responseLimit, !Self.isComplete(answer, isHead: isHead) {
            let length = unsafe recv(descriptor, &chunk, chunk.count, 0)
            guard length > 0 else { break }
            answer += chunk[0..<length]
        }
        return answer
    }

    private static func isComplete(_ answer: [UInt8], isHead: Bool) -> Bool {
        guard let end = answer.firstRange(of: [0x0D, 0x0A, 0x0D, 0x0A]) else { return false }
        let head = String(decoding: answer[..<end.lowerBound], as: UTF8.self).lowercased()
        if isHead || head.contains(" 204 ") || head.contains(" 304 ") { return true }
        if let field = head.firstMatch(of: /\r\ncontent-length:\s*(\d+)/) {
            return answer.count - end.upperBound >= Int(field.output.1) ?? 0
        }
        return head.contains("chunked") && answer.suffix(5) == Array("0\r\n\r\n".utf8)[...]
    }
}
