import ArgumentParser

/// The ticketing service.
@main
struct Bookme: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bookme",
        abstract: "Sells tickets: seats, orders, payments and a storefront.",
        version: Version.text,
        subcommands: [
            ServeCommand.self, MigrateCommand.self, SeedCommand.self, LoadTestCommand.self,
            SandboxPSPCommand.self, AdminCommand.self, ConfigCommand.self, VersionCommand.self,
        ]
    )
}
