import ArgumentParser

/// `haniel check`: every problem of every file at once.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check configuration files: every problem at once.",
        discussion: "Ends with status 1 if any file has an error. Warnings alone leave the status 0."
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
        let report = ConfigurationSource.check(files)
        switch format {
        case .json: print(report.json)
        case .text:
            let faulty = Set(report.problems.filter { $0.severity == .error }.map(\.file))
            print(report.text, terminator: report.problems.isEmpty ? "" : "\n")
            for file in files where !faulty.contains(file) { print("\(file): ok") }
            let errors = report.problems.count { $0.severity == .error }
            if errors > 0 { print(errors == 1 ? "1 error" : "\(errors) errors") }
        }
        if report.hasErrors { throw ExitCode.failure }
    }
}

extension ConfigurationSource {
    /// The problems of several files, each of which is a configuration of its own.
    static func check(_ files: [String]) -> ProblemReport {
        ProblemReport(
            merging: files.map { file in
                let source = ConfigurationSource(file: file, files: .realWithSockets)
                do throws(ProblemReport) {
                    return try source.load().warnings
                } catch {
                    return error
                }
            }
        )
    }
}
