import ArgumentParser

/// What this program calls itself.
enum Version {
    static let text = "0.1.0"
}

/// `bookme version`
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Prints the version."
    )

    func run() { print(Version.text) }
}
