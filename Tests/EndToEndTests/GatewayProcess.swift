import Foundation
import Glibc
import Support
import Testing

/// A haniel of its own on free ports, with a configuration that a story wrote.
final class GatewayProcess {
    /// The parts of a configuration that stories vary; the rest is what every gateway here has.
    struct Setup {
        /// Ports of the servers behind the upstream `origin`.
        var origins: [UInt16] = []
        /// Origins that have to live as long as the gateway, whether or not the story looks at them again.
        var keeping: [TestOrigin] = []
        /// Further lines of the upstream, indented by four.
        var upstream = ""
        /// The list of routes.
        var routes = "  - proxy: origin\n"
        /// Further top-level keys.
        var further = ""
        /// Further listeners, indented by two.
        var listeners = ""
        /// Further certificates, indented by four.
        var certificates = ""
        var workers = 1
        /// The most descriptors that the gateway may have open; nil for what the tests may have.
        var descriptorLimit: Int?
    }

    let folder: TemporaryFolder
    let port: UInt16
    let tlsPort: UInt16
    let adminPort: UInt16
    private(set) var process: ChildProcess
    private let setup: Setup

    init(_ setup: Setup) throws {
        self.setup = setup
        folder = try TemporaryFolder()
        port = try Loopback.freePort()
        tlsPort = try Loopback.freePort()
        adminPort = try Loopback.freePort()
        try Tool.makeCertificate(in: folder)
        let text = Self.configuration(
            setup,
            folder: folder,
            port: port,
            tlsPort: tlsPort,
            adminPort: adminPort
        )
        let path = try folder.write(text, to: "haniel.yaml")
        let binary = try #require(Product.haniel.path)
        let limit = setup.descriptorLimit.map { "ulimit -n \($0); " } ?? ""
        process = try ChildProcess(
            "bash",
            ["-c", "\(limit)exec \"$0\" \"$@\"", binary, "serve", "--config", path],
            output: folder.file("output")
        )
        let plain = port
        let admin = adminPort
        let isReady = eventually(within: .seconds(60)) {
            Loopback.isListening(port: plain) && Loopback.isListening(port: admin)
        }
        try #require(isReady, "haniel did not start: \(folder.read("output"))")
    }

    /// One origin, everything else as usual.
    convenience init(
        origin: TestOrigin,
        routes: String? = nil,
        further: String = "",
        upstream: String = "",
        listeners: String = ""
    ) throws {
        var setup = Setup(
            origins: [origin.port],
            keeping: [origin],
            upstream: upstream,
            further: further,
            listeners: listeners
        )
        if let routes { setup.routes = routes }
        try self.init(setup)
    }

    deinit { process.stop() }

    /// Starts it again with the same configuration, after it has ended.
    func restart() throws {
        let binary = try #require(Product.haniel.path)
        process = try ChildProcess(
            binary,
            ["serve", "--config", folder.file("haniel.yaml")],
            output: folder.file("output")
        )
        let (plain, admin) = (port, adminPort)
        let isReady = eventually(within: .seconds(60)) {
            Loopback.isListening(port: plain) && Loopback.isListening(port: admin)
        }
        try #require(isReady, "haniel did not start again: \(folder.read("output"))")
    }

    func connect(patience: Duration = .seconds(10)) throws -> Wire {
        try Loopback.connect(port: port, patience: patience)
    }

    /// One request on a connection of its own.
    func send(_ request: String, method: String = "GET") throws -> WireMessage {
        let wire = try connect()
        try wire.send(request)
        return try wire.receiveResponse(to: method)
    }

    func get(_ target: String, _ fields: [String] = []) throws -> WireMessage {
        try send(Self.get(target, fields))
    }

    /// What `/metrics` says behind this name and its labels; nil if it does not know them.
    func figure(_ name: String) throws -> Int? {
        let wire = try Loopback.connect(port: adminPort)
        try wire.send("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        let text = String(decoding: try wire.receiveToEnd(), as: UTF8.self)
        guard let start = text.range(of: "\n\(name) ") else { return nil }
        return Int(text[start.upperBound...].prefix { $0.isNumber })
    }

    static func get(_ target: String, _ fields: [String] = []) -> String {
        "GET \(target) HTTP/1.1\r\nHost: localhost\r\n" + fields.map { "\($0)\r\n" }.joined()
            + "\r\n"
    }

    static func post(
        _ target: String,
        body: String,
        type: String = "application/x-www-form-urlencoded"
    ) -> String {
        "POST \(target) HTTP/1.1\r\nHost: localhost\r\nContent-Type: \(type)\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// curl against the TLS listener, the certificate verified.
    func curl(_ target: String, _ options: String...) throws -> Tool.Output {
        let usual = ["-sS", "--max-time", "20", "--cacert", folder.file("server.pem")]
        return try Tool.run("curl", usual + options + ["https://localhost:\(tlsPort)\(target)"])
    }

    /// Waits until the log contains all the words on one line.
    func logs(_ name: String, _ words: String...) -> Bool {
        eventually(within: .seconds(5)) {
            folder.read(name).split(separator: "\n").contains { line in
                words.allSatisfy { line.contains($0) }
            }
        }
    }

    /// Replaces the configuration and tells haniel.
    func reload(_ change: (String) -> String) throws {
        let text = folder.read("haniel.yaml")
        let changed = change(text)
        #expect(changed != text, "the story changes nothing")
        try folder.write(changed, to: "haniel.yaml")
        process.send(SIGHUP)
    }

    private static func configuration(
        _ setup: Setup,
        folder: TemporaryFolder,
        port: UInt16,
        tlsPort: UInt16,
        adminPort: UInt16
    ) -> String {
        let servers = setup.origins.map { "\"127.0.0.1:\($0)\"" }.joined(separator: ", ")
        let upstream =
            setup.origins.isEmpty
            ? ""
            : "upstreams:\n  - name: origin\n    servers: [\(servers)]\n    balance: round_robin\n\(setup.upstream)"
        return """
            workers: \(setup.workers)
            listeners:
              - address: "127.0.0.1:\(port)"
              - address: "127.0.0.1:\(tlsPort)"
                tls: true
            \(setup.listeners)
            tls:
              certificates:
                - certificate: "\(folder.file("server.pem"))"
                  key: "\(folder.file("server.key"))"
            \(setup.certificates)
            admin:
              address: "127.0.0.1:\(adminPort)"
            log:
              access: "\(folder.file("access.log"))"
              waf: "\(folder.file("waf.log"))"
            \(upstream)
            routes:
            \(setup.routes)
            \(setup.further)

            """
    }
}

extension Trait where Self == ConditionTrait {
    /// The story needs a program haniel beside the tests that knows its own version.
    static var haniel: Self { .enabled(if: GatewayProcess.isBuilt, "this build made no haniel") }
}

extension GatewayProcess {
    static let isBuilt: Bool = {
        guard let path = Product.haniel.path, let output = try? Tool.run(path, ["version"]) else {
            return false
        }
        return output.status == 0 && !output.text.isEmpty
    }()
}
