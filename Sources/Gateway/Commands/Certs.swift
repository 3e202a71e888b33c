import ArgumentParser
import Transport

/// `haniel certs`: certificates for development.
struct Certs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make certificates for development.",
        subcommands: [Dev.self]
    )

    /// `haniel certs dev`: an authority, a server certificate and the shared secrets.
    struct Dev: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Make a development authority, a certificate for localhost and the secrets shared with upstreams.",
            discussion: "What is there, valid for 30 more days and covers the names is kept."
        )

        @Option(name: .long, help: ArgumentHelp("Directory to write to.", valueName: "directory"))
        var out = Configuration.developmentCertificates

        @Option(
            name: .long,
            help: ArgumentHelp(
                "Further name or address; localhost and the loopback addresses are included.",
                valueName: "name"
            )
        )
        var name: [String] = []

        func run() throws {
            let authority = CertificateAuthority(directory: out)
            let written = try authority.prepare(names: name)
            for path in written { print("wrote \(path)") }
            if written.isEmpty { print("\(out): everything is there and valid") }
            print(
                "Clients trust \(authority.authorityPath), for example: curl --cacert \(authority.authorityPath) …"
            )
        }
    }
}
