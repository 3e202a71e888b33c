import Support

@testable import Transport

/// A TLS server that tells every client what was agreed on, in one line, and closes.
final class TLSServer: Sendable {
    let port: UInt16
    private let reactor: Reactor

    private struct NoPort: Error {}

    init(_ context: TLSServerContext) async throws {
        let reactor = try Reactor()
        try reactor.start()
        self.reactor = reactor
        port = try await withCheckedThrowingContinuation { continuation in
            reactor.spawn {
                do {
                    guard let address = SocketAddress("127.0.0.1:0") else { throw NoPort() }
                    let listener = try ListeningSocket(address, on: reactor)
                    guard case .ip(_, let port) = listener.address else { throw NoPort() }
                    reactor.spawn(with: listener) { await Self.accept(from: $0, context) }
                    continuation.resume(returning: port)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    deinit { reactor.stop() }

    private static func accept(from listener: ListeningSocket, _ context: TLSServerContext) async {
        while let (stream, _) = try? await listener.accept() {
            stream.reactor.spawn(with: stream) { await Self.serve($0, context) }
        }
    }

    private static func serve(_ stream: ByteStream, _ context: TLSServerContext) async {
        defer { stream.close() }
        do {
            try await stream.acceptTLS(
                context,
                until: stream.reactor.now.advanced(by: .seconds(20))
            )
            guard let tls = stream.tls else { return }
            let state = tls.isResumed ? "resumed" : "full"
            try await stream.send(
                "agreed: \(tls.version) \(tls.cipher) \(tls.serverName ?? "-") \(state)\n"
            )
            stream.finishSending()
            _ = try await stream.receiveToEnd()
        } catch {
            // The client's side of the test says what it got.
            return
        }
    }

    /// What `openssl s_client` reports of a connection.
    func client(_ arguments: [String] = []) throws -> String {
        try Tool.run(
            "openssl",
            ["s_client", "-connect", "127.0.0.1:\(port)", "-ign_eof"] + arguments
        ).text
    }

    /// The server's line in the client's report.
    func agreed(_ arguments: [String] = []) throws -> String? {
        let report = try client(arguments)
        return report.split(separator: "\n").first { $0.hasPrefix("agreed: ") }.map {
            String($0.dropFirst(8))
        }
    }
}

/// Two authorities, each with a server certificate of its own.
struct TwoCertificates: Sendable {
    let folder: TemporaryFolder
    let first: CertificateAuthority
    let second: CertificateAuthority

    init() throws {
        folder = try TemporaryFolder()
        first = CertificateAuthority(directory: folder.file("first"))
        second = CertificateAuthority(directory: folder.file("second"))
        _ = try first.prepare(names: ["one.test", "*.both.test"])
        _ = try second.prepare(names: ["two.test", "*.two.test", "*.both.test"])
    }

    var files: [CertificateFiles] {
        [first, second].map { CertificateFiles(certificate: $0.certificatePath, key: $0.keyPath) }
    }

    func context(
        minimumVersion: TLSVersion = .v12,
        protocols: [String] = ["http/1.1"],
        tickets: TicketKeys? = nil
    ) throws -> TLSServerContext {
        try TLSServerContext(
            certificates: files,
            minimumVersion: minimumVersion,
            protocols: protocols,
            tickets: tickets
        )
    }
}
