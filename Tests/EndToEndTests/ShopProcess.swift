import Foundation
import Support
import Testing

/// Gateway and ticketing service together, as an operator would run them, with the demonstration programme.
final class ShopProcess {
    static let password = "correct horse battery"

    let gateway: GatewayProcess
    let folder: TemporaryFolder
    private let services: [ChildProcess]

    /// - Parameters:
    ///   - serviceCount: how many bookme servers share the database.
    ///   - further: further top-level keys of the gateway's configuration.
    init(serviceCount: Int = 2, further: String = "") throws {
        let folder = try TemporaryFolder()
        self.folder = folder
        let haniel = try #require(Product.haniel.path)
        let certificates = try Tool.run(haniel, ["certs", "dev", "--out", folder.file("certs")])
        try #require(certificates.status == 0, "\(certificates.text)")
        var started: [(process: ChildProcess, port: UInt16, internalPort: UInt16)] = []
        for number in 1...serviceCount { started.append(try Self.startService(number, in: folder)) }
        services = started.map(\.process)

        let internalServers = started.map { "\"127.0.0.1:\($0.internalPort)\"" }.joined(
            separator: ", "
        )
        var setup = GatewayProcess.Setup(origins: started.map(\.port))
        setup.upstream = "  - name: accounts\n    servers: [\(internalServers)]\n"
        setup.routes = """
              - paths: ["/internal/*"]
                deny: 404
              - paths: ["/api/v1/me"]
                proxy: origin
                session: user
              - paths: ["/api/v1/admin/*"]
                proxy: origin
                session: "role:admin"
              - paths: ["/assets/*"]
                proxy: origin
                cache: true
              - proxy: origin
            """
        setup.further = """
            sessions:
              store: upstream
              upstream: accounts
              assertion_key: "\(folder.file("certs/assertion.key"))"
            rules:
              files: ["\(Repository.root)/rules/main.conf"]
              mode: block
            \(further)
            """
        gateway = try GatewayProcess(setup)
    }

    deinit {
        for service in services { service.send(15) }
    }

    private static func startService(
        _ number: Int,
        in folder: TemporaryFolder
    ) throws -> (process: ChildProcess, port: UInt16, internalPort: UInt16) {
        let (port, internalPort) = (try Loopback.freePort(), try Loopback.freePort())
        let process = try ChildProcess(
            try #require(Product.bookme.path),
            [
                "serve", "--listen", "127.0.0.1:\(port)", "--internal-listen",
                "127.0.0.1:\(internalPort)",
                "--database", folder.file("bookme.sqlite"), "--public-url", "https://localhost",
                "--gateway-key", folder.file("certs/assertion.pub"), "--demo", "--demo-password",
                password,
            ],
            output: folder.file("bookme-\(number)")
        )
        let isReady = eventually(within: .seconds(60)) {
            process.hasEnded
                || Loopback.isListening(port: port) && Loopback.isListening(port: internalPort)
        }
        try #require(
            isReady && !process.hasEnded,
            "bookme did not start: \(folder.read("bookme-\(number)"))"
        )
        return (process, port, internalPort)
    }
}

/// A person with a browser: curl with a jar of cookies.
final class Shopper {
    /// An answer as curl tells it.
    struct Answer {
        var status: Int
        var text: String

        /// A value of the JSON body by its key.
        subscript(key: String) -> Any? {
            let object = try? JSONSerialization.jsonObject(with: Data(text.utf8))
            return (object as? [String: Any])?[key]
        }
    }

    private let shop: ShopProcess
    private let jar: String
    let cookies: () -> String

    init(_ shop: ShopProcess, name: String) {
        self.shop = shop
        jar = shop.folder.file("jar-\(name)")
        let folder = shop.folder
        cookies = { folder.read("jar-\(name)") }
    }

    func get(_ target: String, _ options: String...) throws -> Answer {
        try run(target, options)
    }

    func post(_ target: String, json: String, key: String? = nil) throws -> Answer {
        let idempotency = key.map { ["-H", "Idempotency-Key: \($0)"] } ?? []
        return try run(
            target,
            ["-H", "Content-Type: application/json", "--data-binary", json] + idempotency
        )
    }

    /// Submits a form as the page at the same address would.
    func submit(_ target: String, _ form: String) throws -> Answer {
        try run(
            target,
            ["--data", form, "-H", "Sec-Fetch-Site: same-origin", "-H", "Accept: text/html"]
        )
    }

    private func run(_ target: String, _ options: [String]) throws -> Answer {
        let output = try Tool.run(
            "curl",
            [
                "-sS", "--max-time", "20", "--cacert", shop.gateway.folder.file("server.pem"), "-b",
                jar, "-c", jar,
                "-w", "\n%{http_code}",
            ] + options + ["https://localhost:\(shop.gateway.tlsPort)\(target)"]
        )
        let lines = output.text.split(separator: "\n", omittingEmptySubsequences: false)
        guard output.status == 0, let status = lines.last.flatMap({ Int($0) }) else {
            throw WireError.malformed("curl: \(output.text)")
        }
        return Answer(status: status, text: lines.dropLast().joined(separator: "\n"))
    }
}

extension Trait where Self == ConditionTrait {
    /// The story needs both programs beside the tests.
    static var shop: Self {
        .enabled(if: ShopProcess.isBuilt, "this build made no haniel and bookme")
    }
}

extension ShopProcess {
    static let isBuilt: Bool = {
        guard GatewayProcess.isBuilt, let path = Product.bookme.path else { return false }
        return (try? Tool.run(path, ["version"]))?.text.isEmpty == false
    }()
}
