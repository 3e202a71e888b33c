import ArgumentParser
import Transport

/// `haniel serve`: runs the gateway until a signal ends it.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the gateway.",
        discussion: """
            Without --config the flags are the whole configuration, and the file that would say the same is printed.
            With --config, flags win over the file. SIGHUP reloads, SIGTERM drains and stops.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    func run() throws {
        MemoryUse.arrange()
        let source = options.source
        let loaded = try source.loadOrExit()
        StandardError.write(loaded.warnings.text)
        if source.file == nil {
            StandardError.write(
                "# The file that says the same:\n\(ConfigurationPrinter.brief(loaded.configuration))"
            )
        }
        if loaded.configuration.rules.report {
            StandardError.write(
                "X-Waf-Rules shows matched rules to loopback clients: for debugging only.\n"
            )
        }
        if loaded.configuration.usesDevelopmentCertificate {
            let directory = Configuration.developmentCertificates
            StandardError.write(
                "TLS uses the development certificate; clients may trust \(directory)/ca.pem.\n"
            )
        }
        let configuration = try loaded.configuration.withDevelopmentCertificate()
        do {
            try GatewayServer.run(configuration, reload: source.reload)
        } catch let error as SnapshotError {
            for problem in error.problems { StandardError.write("error: \(problem)\n") }
            throw ExitCode.failure
        }
    }
}

extension ConfigurationSource {
    /// Loads, or prints every problem and ends with status 1.
    func loadOrExit() throws -> Loaded {
        do throws(ProblemReport) {
            return try load()
        } catch {
            StandardError.write(error.text)
            throw ExitCode.failure
        }
    }

    /// Loads again; throws a `ProblemReport`, or why there is no development certificate.
    func reload() throws -> Loaded {
        let loaded = try load()
        return Loaded(
            configuration: try loaded.configuration.withDevelopmentCertificate(),
            origins: loaded.origins,
            warnings: loaded.warnings
        )
    }
}
