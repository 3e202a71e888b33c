import ArgumentParser

/// `bookme config check`
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Looks at the settings without serving.",
        subcommands: [Check.self]
    )

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Prints every setting and where it comes from, secrets left out, and all mistakes at once."
        )

        @OptionGroup var options: ServeOptions

        func run() throws {
            var reader = SettingsReader()
            let resolved = options.resolve(&reader)
            do { try resolved.shop.checkSpool() } catch { reader.note("\(error)") }
            // A server is not stopped by a variable that another version knows.
            reader.noteStrangers(but: ServeOptions.others)
            let width = reader.entries.map(\.name.count).max() ?? 0
            for entry in reader.entries {
                let name = entry.name.padding(to: width)
                ECSLogHandler.standardOutput("\(name)  \(entry.value)  (\(entry.source))\n")
            }
            for warning in reader.warnings { ECSLogHandler.standardOutput("warning: \(warning)\n") }
            for problem in reader.problems { ECSLogHandler.standardOutput("error: \(problem)\n") }
            guard reader.problems.isEmpty else { throw ExitCode(1) }
        }
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
