import ArgumentParser

/// `haniel check`: every problem of every file at once.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check configuration files: every problem at once.",
        discussion:
            "Ends with status 1 if any file has an error. Warnings alone leave the status 0."
    )

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    @Argument(help: ArgumentHelp("Configuration files.", valueName: "file"))
    var files: [String]

    @Option(name: .long, help: "text for people, json for programs.")
    var format = Format.text

    func run() throws {
        let reports = files.map { ConfigurationSource(file: $0, files: .realWithSockets).check() }
        let whole = ProblemReport(merging: reports)
        switch format {
        case .json: print(whole.json)
        case .text:
            if !whole.problems.isEmpty { print(whole.text) }
            for (file, report) in zip(files, reports) where !report.hasErrors {
                print("\(file): ok")
            }
            let count = whole.problems.count { $0.severity == .error }
            if count > 0 { print(count == 1 ? "1 error" : "\(count) errors") }
        }
        if whole.hasErrors { throw ExitCode.failure }
    }
}

extension ConfigurationSource {
    /// The problems of the configuration and, if it could be read, of the rules it names.
    func check() -> ProblemReport {
        do throws(ProblemReport) {
            let loaded = try load()
            return ProblemReport(merging: [
                loaded.warnings, ProblemReport(rules: loaded.configuration.rules.files),
            ])
        } catch {
            return error
        }
    }
}
