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

    mutating func run() throws {
        let source = options.source
        let loaded = try source.loadOrExit()
        StandardError.write(loaded.warnings.text)
        if source.file == nil {
            StandardError.write("# The file that says the same:\n\(ConfigurationPrinter.brief(loaded.configuration))")
        }
        if loaded.configuration.rules.report {
            StandardError.write("X-Waf-Rules shows matched rules to loopback clients: for debugging only.\n")
        }
        let configuration = try loaded.configuration.withDevelopmentCertificate()
        if configuration.tls.certificates != loaded.configuration.tls.certificates {
            let directory = Configuration.developmentCertificates
            StandardError.write("TLS uses the development certificate; clients may trust \(directory)/ca.pem.\n")
        }
        do {
            try GatewayServer.run(configuration) { source.reloaded() }
        } catch let error as SnapshotError {
            for problem in error.problems { StandardError.write("error: \(problem)\n") }
            throw ExitCode.failure
        }
    }
}

extension ConfigurationSource {
    /// Loads again; nil, after every problem was printed, if what it finds is not valid.
    func reloaded() -> Configuration? {
        do {
            return try load().configuration.withDevelopmentCertificate()
        } catch {
            StandardError.write("\((error as? ProblemReport)?.text ?? "\(error)\n")")
            return nil
        }
    }

    /// Loads, or prints every problem and ends with status 1.
    func loadOrExit() throws -> Loaded {
        do throws(ProblemReport) {
            return try load()
        } catch {
            StandardError.write(error.text)
            throw ExitCode.failure
        }
    }
}

extension Configuration {
    /// The directory of the development certificate, seen from where the gateway is started.
    static let developmentCertificates = "certs"

    /// The same, with the development certificate where TLS is wanted and no certificate is given; it is made if it is
    /// not there yet. To be asked after every load.
    func withDevelopmentCertificate() throws -> Configuration {
        guard tls.certificates.isEmpty, listeners.contains(where: \.tls) else { return self }
        let authority = CertificateAuthority(directory: Self.developmentCertificates)
        _ = try authority.prepare()
        var configuration = self
        configuration.tls.certificates = [.init(certificate: authority.certificatePath, key: authority.keyPath)]
        return configuration
    }
}
