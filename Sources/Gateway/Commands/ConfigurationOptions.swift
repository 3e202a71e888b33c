import ArgumentParser

/// The flags that make a configuration, alone or on top of a file.
struct ConfigurationOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Configuration file.", valueName: "file"))
    var config: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Servers to forward to: HOST:PORT[,HOST:PORT...].", valueName: "servers")
    )
    var to: [String] = []

    @Option(name: .long, help: ArgumentHelp("Listen for HTTP on ADDR:PORT.", valueName: "address"))
    var http: [String] = []

    @Option(name: .long, help: ArgumentHelp("Listen for HTTPS on ADDR:PORT.", valueName: "address"))
    var https: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Certificate chain (PEM); default is the development one.",
            valueName: "file"
        )
    )
    var cert: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Private key of the certificate (PEM).", valueName: "file")
    )
    var key: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Rule file or glob; repeatable, loaded in the order given.",
            valueName: "path"
        )
    )
    var rules: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "block, detect or off; default is what the rules say.",
            valueName: "mode"
        )
    )
    var rulesMode: String?

    @Flag(
        name: .long,
        help: "Show matched rules to loopback clients in X-Waf-Rules (for debugging)."
    )
    var reportRules = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Waiting room: \"NAME path=/onsale/* capacity=100 rate=50/s session=10s\"; repeatable.",
            valueName: "room"
        )
    )
    var room: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("Redis for rooms and sessions: redis://HOST:PORT.", valueName: "url")
    )
    var redis: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Health, metrics and administration: ADDR:PORT or off.",
            valueName: "address"
        )
    )
    var admin: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Worker threads; 0 means one per core.", valueName: "count")
    )
    var workers: String?

    /// Where the configuration comes from.
    var source: ConfigurationSource {
        let flags = ConfigurationFlags(
            to: to,
            http: http,
            https: https,
            certificate: cert,
            key: key,
            rules: rules,
            rulesMode: rulesMode,
            reportRules: reportRules,
            rooms: room,
            redis: redis,
            admin: admin,
            workers: workers
        )
        return ConfigurationSource(file: config, flags: flags)
    }
}
