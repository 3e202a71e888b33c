import Testing
import Transport

@testable import Redis

/// A server that plays a script: one list of steps for each connection, in the order they come.
final class ScriptedServer: @unchecked Sendable {
    // Unchecked: confined to its reactor's thread.

    enum Step: Sendable {
        /// Reads until the text has come; what the client sends before it is part of it.
        case expect(String)
        case answer(String)
        /// Keeps the connection and says nothing, until the client ends it.
        case silence
    }

    let address: SocketAddress
    /// What came on each connection so far.
    private(set) var received: [String] = []
    private let listener: ListeningSocket
    private let reactor: Reactor
    private let deadline: Instant

    /// The login of every connection of the client.
    static let login: [Step] = [.expect("PING\r\n"), .answer("+PONG\r\n")]

    init(_ scripts: [[Step]], on reactor: Reactor) throws {
        self.reactor = reactor
        deadline = reactor.now.advanced(by: .seconds(20))
        let loopback = try #require(SocketAddress("127.0.0.1:0"))
        listener = try ListeningSocket(loopback, on: reactor)
        address = listener.address
        reactor.spawn { await self.serve(scripts) }
    }

    var url: String { "redis://\(address)" }

    func close() {
        listener.close()
    }

    private func serve(_ scripts: [[Step]]) async {
        for script in scripts {
            guard let (stream, _) = try? await listener.accept() else { return }
            received.append("")
            try? await play(script, on: stream, number: received.count - 1)
            stream.close()
        }
        listener.close()
    }

    private func play(_ script: [Step], on stream: ByteStream, number: Int) async throws {
        for step in script {
            switch step {
            case .expect(let text):
                while !received[number].contains(text) {
                    guard try await read(stream, number: number) else { return }
                }
            case .answer(let text):
                let bytes = unsafe reactor.buffers.lend()
                defer { unsafe reactor.buffers.takeBack(bytes) }
                unsafe bytes.copyBytes(from: text.utf8)
                try await unsafe stream.write(
                    UnsafeRawBufferPointer(rebasing: bytes[..<text.utf8.count]),
                    until: deadline
                )
            case .silence:
                while try await read(stream, number: number) {}
            }
        }
    }

    private func read(_ stream: ByteStream, number: Int) async throws -> Bool {
        let bytes = unsafe reactor.buffers.lend()
        defer { unsafe reactor.buffers.takeBack(bytes) }
        let count = try await unsafe stream.read(into: bytes, until: deadline)
        unsafe received[number] += String(decoding: bytes[..<count], as: UTF8.self)
        return count > 0
    }
}
