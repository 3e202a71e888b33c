import ArgumentParser

/// The command `haniel`: the gateway and the tools of those who run it.
@main
struct Gateway: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "haniel",
        abstract:
            "An edge gateway: TLS, firewall, limits, sessions, waiting room, cache, load balancing.",
        version: "haniel \(Version.number)",
        subcommands: [
            Serve.self, Check.self, Config.self, RuleTools.self, Room.self, Certs.self,
            Version.self,
        ]
    )
}
