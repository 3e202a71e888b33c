import Glibc
import HTTP
import Support
import Testing
import Transport

@testable import Gateway

/// An exchange whose request is written as text and whose client is a socket in the test's hand.
final class ExchangeScene {
    let exchange: Exchange
    /// The client's end.
    let client: ByteStream
    let input: InputBuffer
    let reactor: Reactor

    /// - Parameters:
    ///   - lines: the head without its last empty line, `Host` included by default.
    ///   - peer: the address at the other end.
    static func make(
        _ requestLine: String = "GET / HTTP/1.1",
        _ lines: [String] = [],
        host: String = "example.com",
        peer: String = "192.0.2.1",
        on reactor: Reactor
    ) async throws -> ExchangeScene {
        let pair = try await StreamPair(on: reactor)
        var parser = RequestParser()
        let text = Array(
            ([requestLine, "Host: \(host)"] + lines + ["", ""]).joined(separator: "\r\n").utf8
        )
        let length = unsafe try text.withUnsafeBytes { try unsafe parser.parse(ByteView($0)) }
        try #require(length == text.count)
        let scene = ExchangeScene(parser.head, pair, try #require(IPAddress(peer)))
        scene.exchange.begin(id: RequestID(high: 1 << 63, low: 1 << 63 | 5), at: reactor.now)
        return scene
    }

    private init(_ head: RequestHead, _ pair: StreamPair, _ address: IPAddress) {
        client = pair.client
        reactor = pair.server.reactor
        input = InputBuffer(pool: reactor.buffers)
        var peer = Peer(nil)
        peer.address = address
        exchange = Exchange(
            head: head,
            body: MessageBody(stream: pair.server, input: input, party: .client),
            peer: peer
        )
    }
}

/// Both ends of one connection over the loopback, on one reactor.
struct StreamPair {
    let client: ByteStream
    let server: ByteStream

    struct NoConnection: Error {}

    init(on reactor: Reactor) async throws {
        let listener = try ListeningSocket(.ip(IPAddress(v4: 0x7F00_0001), port: 0), on: reactor)
        defer { listener.close() }
        client = try await .connect(
            to: listener.address,
            on: reactor,
            until: reactor.now.advanced(by: .seconds(30))
        )
        guard let (server, _) = try await listener.accept() else { throw NoConnection() }
        self.server = server
    }
}

extension ByteStream {
    /// Sends a short text; longer ones might wait for a reader that is the same task.
    func send(_ text: String) async throws {
        let deadline = reactor.now.advanced(by: .seconds(30))
        let output = OutputBuffer()
        output.append(text)
        try await write(output.readable, until: deadline)
    }
}

/// Runs a body on a reactor of its own and returns what it returns.
func onReactor<Value: Sendable>(
    _ body: @escaping @Sendable (Reactor) async throws -> Value
) async throws -> Value {
    let reactor = try Reactor()
    try reactor.start()
    defer { reactor.stop() }
    return try await withCheckedThrowingContinuation { continuation in
        reactor.spawn {
            do {
                continuation.resume(returning: try await body(reactor))
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}

extension Response {
    /// The gateway's own content as text.
    var text: String {
        guard case .content(let content) = source else { return "" }
        return String(decoding: content.body, as: UTF8.self)
    }

    /// The fields of its own content in order, as a client would read them.
    var contentFieldLines: [(name: String, value: String)] {
        guard case .content(let content) = source else { return [] }
        let lines = String(decoding: content.fieldLines, as: UTF8.self).split(separator: "\r\n")
        return lines.map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (String(parts[0]), parts[1].trimmingPrefix(" ").description)
        }
    }

    /// The fields of its own content, by name.
    var contentFields: [String: String] {
        Dictionary(uniqueKeysWithValues: contentFieldLines.map { ($0.name, $0.value) })
    }
}

extension MessageBody {
    /// The content of messages on a connection of HTTP/1.
    convenience init(stream: ByteStream, input: InputBuffer, party: Failure.Party) {
        self.init(source: ConnectionContent(stream, input), party: party)
    }
}
