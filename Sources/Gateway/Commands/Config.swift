import ArgumentParser

/// `haniel config`: what the gateway would do, and why.
struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at configurations.",
        subcommands: [Show.self]
    )

    /// `haniel config show`: the effective configuration with the origin of every value.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the effective configuration and where each value comes from.",
            discussion:
                "The output is a configuration file that says the same. Secrets are never printed."
        )

        @OptionGroup var options: ConfigurationOptions

        func run() throws {
            let loaded = try options.source.loadOrExit()
            StandardError.write(loaded.warnings.text)
            print(
                ConfigurationPrinter.effective(loaded.configuration, origins: loaded.origins),
                terminator: ""
            )
        }
    }
}
