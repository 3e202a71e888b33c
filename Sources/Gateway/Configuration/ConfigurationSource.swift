/// Where a configuration comes from: a file, flags or both. A reload asks again.
struct ConfigurationSource: Sendable {
    /// The file, or nil for flags alone.
    var file: String?
    /// Flags, which win over the file.
    var flags = ConfigurationFlags()
    var secrets = SecretSource.process
    var files = FileSystemView.real

    /// A configuration that may be used.
    struct Loaded: Sendable {
        let configuration: Configuration
        let origins: Origins
        /// What is odd about it, and no more than odd.
        let warnings: ProblemReport
    }

    /// Reads file and flags; throws every problem at once if there is an error among them.
    func load() throws(ProblemReport) -> Loaded {
        try load(file.map { Configuration.decode(file: $0, secrets: secrets) } ?? .empty)
    }

    /// Puts the flags over what a file said, and validates the whole.
    func load(_ file: DecodedConfiguration) throws(ProblemReport) -> Loaded {
        var decoded = file
        flags.apply(to: &decoded)
        decoded.problems += ConfigurationValidator.problems(in: decoded, files: files)
        let report = ProblemReport(
            problems: decoded.problems,
            sources: [decoded.source] + decoded.otherSources
        )
        guard !report.hasErrors else { throw report }
        return Loaded(
            configuration: decoded.configuration,
            origins: decoded.origins,
            warnings: report
        )
    }
}

extension DecodedConfiguration {
    /// The texts of other files that problems point into.
    fileprivate var otherSources: [SourceText] {
        let files = problems.compactMap { problem -> String? in
            guard case .source(let span) = problem.place, span.file != source.file else {
                return nil
            }
            return span.file
        }
        return Set(files).compactMap { try? SourceText.read($0).get() }
    }

    /// What stands before any file or flag is read.
    static var empty: DecodedConfiguration {
        DecodedConfiguration(
            configuration: Configuration(),
            origins: Origins(),
            source: SourceText(file: "", text: ""),
            problems: []
        )
    }
}
