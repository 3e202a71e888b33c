import ArgumentParser
import Testing

@testable import Gateway

@Suite struct ConfigurationFlagsTests {
    /// The configuration that these arguments make, or the problems.
    static func load(_ arguments: [String], file: String? = nil) throws
        -> ConfigurationSource.Loaded
    {
        let options = try ConfigurationOptions.parse(arguments)
        var source = options.source
        source.files = .sample
        source.secrets = .sample
        guard let file else { return try source.load() }
        return try source.load(
            Configuration.decode(SourceText(file: "haniel.yaml", text: file), secrets: .sample)
        )
    }

    @Test func `Servers alone make a TLS gateway on this machine`() throws {
        let loaded = try Self.load(["--to", "127.0.0.1:9000,localhost:9001"])
        #expect(loaded.warnings.problems == [])
        #expect(
            loaded.configuration.listeners == [
                .init(address: ConfigurationFlags.defaultListener, tls: true)
            ]
        )
        #expect(
            loaded.configuration.upstreams[0].servers.map(\.text) == [
                "127.0.0.1:9000", "localhost:9001",
            ]
        )
        #expect(loaded.configuration.routes == [.init(action: .proxy("default"))])
    }

    @Test func `What flags say, a file can say`() throws {
        let loaded = try Self.load([
            "--to", "127.0.0.1:9000", "--http", "127.0.0.1:8080", "--https", "127.0.0.1:8443",
            "--cert", "shop.pem",
            "--key", "shop.key", "--rules", "rules/site/*.conf", "--rules", "rules/main.conf",
            "--rules-mode", "detect",
            "--report-rules", "--room",
            "onsale path=/onsale/* path=/buy capacity=100 rate=50/s session=10s",
            "--redis", "redis://redis:6379", "--admin", "off", "--workers", "3",
        ])
        #expect(
            ConfigurationPrinter.brief(loaded.configuration) == """
                workers: 3
                listeners:
                  - address: 127.0.0.1:8443
                    tls: true
                  - address: 127.0.0.1:8080
                tls:
                  certificates:
                    - certificate: shop.pem
                      key: shop.key
                admin:
                  address: off
                rules:
                  mode: detect
                  files: [rules/site/*.conf, rules/main.conf]
                  report: true
                rooms:
                  - name: onsale
                    paths: [/onsale/*, /buy]
                    capacity: 100
                    session: 10s
                    store: redis
                redis:
                  url: redis://redis:6379
                upstreams:
                  - name: default
                    servers: [127.0.0.1:9000]
                routes:
                  - proxy: default

                """
        )
        let text = ConfigurationPrinter.brief(loaded.configuration)
        let again = Configuration.decode(SourceText(file: "f", text: text), secrets: .sample)
        #expect(again.problems == [])
        #expect(again.configuration == loaded.configuration)
    }

    @Test func `Flags win over the file, and say so`() throws {
        let file = """
            listeners: [{address: 127.0.0.1:1, tls: true}, {address: 127.0.0.1:2}]
            rooms:
              - {name: here, paths: [/a], capacity: 1, store: memory}
              - {name: anywhere, paths: [/b], capacity: 1}
            routes: [{deny: 403}]
            workers: 2
            """
        let loaded = try Self.load(
            ["--http", "127.0.0.1:3", "--redis", "redis://r", "--workers", "4"],
            file: file
        )
        #expect(loaded.configuration.listeners == [.init(address: .ip(host: "127.0.0.1", port: 3))])
        #expect(loaded.configuration.rooms.map(\.store) == [.memory, .redis])
        #expect(loaded.configuration.workers == 4)
        #expect(loaded.origins["workers"] == .flag("--workers"))
        #expect(loaded.origins["listeners[0].address"] == .flag("--http"))
        #expect(loaded.origins["listeners[1].address"] == nil)
        #expect(loaded.configuration.routes == [.init(action: .deny(403))])
    }

    @Test(arguments: [
        ([], "haniel: error: expected --to HOST:PORT or --config FILE [HN0104]"),
        (["--to", "localhost"], "--to: error: expected an address and a port"),
        (
            ["--to", "a:1", "--workers", "q"],
            "--workers: error: expected a whole number of 0 to 1024, found `q`"
        ),
        (["--to", "a:1", "--key", "k"], "--key: error: expected --cert beside it"),
        (["--to", "a:1", "--rules-mode", "blok"], "did you mean `block`?"),
        (["--to", "a:1", "--redis", "localhost:6379"], "--redis: error: expected redis://"),
        (["--to", "a:1", "--redis", "http://u:pw@h"], "found `http://u:[redacted]@h`"),
        (["--to", "a:1", "--room", "r path=/a"], "--room: error: expected capacity=N"),
        (["--to", "a:1", "--room", "r capacity=1"], "--room: error: expected path="),
        (["--to", "a:1", "--room", "r capcity=1"], "did you mean `capacity`?"),
        (["--to", "a:1", "--room", "r path=/a capacity=1 session=10"], "add one of the units"),
        (
            ["--to", "a:1", "--rules", "none.conf"],
            "--rules: error: rules.files[0]: there is no file"
        ),
        (
            ["--to", "a:1", "--http", "127.0.0.1:9900"],
            "admin.address: 127.0.0.1:9900 is the address of listeners[0]"
        ),
    ])
    func `A flag that cannot be read is named`(arguments: [String], message: String) throws {
        let report = #expect(throws: ProblemReport.self) { try Self.load(arguments) }
        #expect(report?.text.contains(message) == true, "\(report?.text ?? "")")
    }

    @Test func `All faulty flags are told at once`() throws {
        let report = #expect(throws: ProblemReport.self) {
            try Self.load(["--to", "x", "--https", "y", "--workers", "z", "--admin", "w"])
        }
        #expect(report?.problems.count == 4)
    }
}
