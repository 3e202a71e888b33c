import Foundation
import Support
import Testing

@testable import Gateway

/// A start refuses no file that a check has passed, and both say where it is named.
@Suite struct FileContentTests {
    /// A file that every key below may name wrongly, with words that the message has to hold.
    @Test(arguments: [
        ("signing_secret: short.txt", "1:17", "signing_secret", "at least 32 bytes"),
        (
            "former_signing_secrets: [long.txt, short.txt]", "1:36", "former_signing_secrets[1]",
            "at least 32"
        ),
        (
            "former_signing_secrets: [none.txt]", "1:26", "former_signing_secrets[0]",
            "there is no file"
        ),
        ("geoip: {database: short.txt}", "1:19", "geoip.database", "MaxMind"),
        (
            "sessions: {assertion_key: short.txt}", "1:27", "sessions.assertion_key",
            "expected an Ed25519"
        ),
        ("rules: {files: [none-*.conf]}", "1:17", "rules.files[0]", "no file matches"),
        (
            "rooms: [{name: a, capacity: 5, paths: [/], pages: none}]", "1:51", "rooms[0].pages",
            "there is no directory"
        ),
        (
            "rooms: [{name: a, capacity: 5, paths: [/], pages: short.txt}]", "1:51",
            "rooms[0].pages",
            "there is no directory"
        ),
        (
            "rooms: [{name: a, capacity: 5, paths: [/], pages: empty}]", "1:51", "rooms[0].pages",
            "no directory with a file such as en.txt"
        ),
    ])
    func `What cannot be loaded is found where it is named`(
        key: String,
        position: String,
        path: String,
        words: String
    ) throws {
        let report = try Self.report(key)
        #expect(report.contains("haniel.yaml:\(position): error: \(path): "), "\(report)")
        #expect(report.contains(words), "\(report)")
    }

    @Test(arguments: ["none/access.log", "/"])
    func `A log that cannot be opened is found before a start`(path: String) throws {
        let report = try Self.report("log: {access: ./\(path)}")
        #expect(report.contains("1:15: warning: log.access: "), "\(report)")
        #expect(report.contains("cannot be opened for writing by "), "\(report)")
    }

    @Test func `A line of a page's words is found where it stands`() throws {
        let report = try Self.report("rooms: [{name: a, capacity: 5, paths: [/], pages: words}]")
        #expect(report.contains("words/de.txt:2:1: error: rooms[0].pages: expected a known key"))
        #expect(report.contains("2 | nonsense"))
    }

    @Test(arguments: [
        (
            "client_certificates: required, client_authorities: short.txt", "client_authorities",
            "CA certificates"
        ),
        (
            "client_certificates: required, client_authorities: server.pem, client_revocations: short.txt",
            "client_revocations", "no revocation list"
        ),
        (
            "client_certificates: required, client_authorities: none.pem", "client_authorities",
            "no file"
        ),
        ("client_certificates: required", "client_certificates", "need authorities"),
        ("staple: none.der", "staple", "there is no file"),
        ("staple: empty.der", "staple", "no OCSP response"),
        ("ciphers: NONE-SUCH", "ciphers", "no cipher suite"),
    ])
    func `What a certificate's section names is found where it is named`(
        keys: String,
        key: String,
        words: String
    ) throws {
        let report = try Self.report(
            "tls: {certificates: [{certificate: server.pem, key: server.key, \(keys)}]}"
        )
        #expect(report.contains("error: tls.certificates[0].\(key): "), "\(report)")
        #expect(report.contains(words), "\(report)")
    }

    @Test func `A chain whose second certificate is broken is found`() throws {
        let report = try Self.report(
            "tls: {certificates: [{certificate: chain.pem, key: server.key}]}"
        )
        #expect(
            report.contains("haniel.yaml:1:36: error: tls.certificates[0].certificate: "),
            "\(report)"
        )
    }

    @Test func `What is there but not for this user is not called missing`() throws {
        let report = try Self.report(
            "signing_secret: long.txt\nrooms: [{name: a, capacity: 5, paths: [/], pages: words}]"
        ) {
            $0.kind = { _ in .unreadable }
            $0.userName = { "gate" }
        }
        #expect(
            report.contains("1:17: error: signing_secret: `long.txt` is not readable by gate"),
            "\(report)"
        )
        #expect(
            report.contains("2:51: error: rooms[0].pages: `words` is not readable by gate"),
            "\(report)"
        )
        #expect(report.contains("chmod g+r"))
        #expect(!report.contains("there is no"))
    }

    @Test func `Files that are well have no problem`() throws {
        let report = try Self.report(
            """
            signing_secret: long.txt
            log: {access: ./access.log}
            rooms: [{name: a, capacity: 5, paths: [/], pages: good}]
            tls: {certificates: [{certificate: server.pem, key: server.key, client_certificates: optional,
              client_authorities: server.pem, staple: long.txt}]}
            """
        )
        #expect(!report.contains("error"), "\(report)")
    }

    // MARK: The files

    /// What a check says of a configuration with these keys and the files below; their names are relative to a folder.
    private static func report(
        _ keys: String,
        _ change: (inout FileSystemView) -> Void = { _ in }
    ) throws -> String {
        let folder = try TemporaryFolder()
        try folder.write("short\n", to: "short.txt")
        try folder.write(String(repeating: "0123456789", count: 4), to: "long.txt")
        try folder.write("", to: "empty.der")
        for (directory, name, text) in [
            ("words", "de.txt", "# ours\nnonsense\n"), ("good", "en.txt", "queued_title: Hello\n"),
            ("empty", "notes.txt", ""),
        ] {
            try FileManager.default.createDirectory(
                atPath: folder.file(directory),
                withIntermediateDirectories: true
            )
            try folder.write(text, to: "\(directory)/\(name)")
        }
        try Tool.makeCertificate(in: folder)
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        try folder.write(folder.read("server.pem") + broken, to: "chain.pem")
        var files = FileSystemView.realWithSockets.inside(folder.path)
        files.listenProblem = { _ in nil }
        change(&files)
        let text = """
            \(keys)
            listeners: [{address: 127.0.0.1:8080}]
            upstreams: [{name: shop, servers: [127.0.0.1:9000]}]
            routes: [{proxy: shop}]

            """
        let decoded = Configuration.decode(
            SourceText(file: "haniel.yaml", text: text),
            secrets: .sample
        )
        do throws(ProblemReport) {
            return try ConfigurationSource(file: "haniel.yaml", files: files).load(decoded).warnings
                .text
        } catch {
            return error.text
        }
    }
}

extension FileSystemView {
    /// The same, with relative names beside those of a folder.
    fileprivate func inside(_ folder: String) -> FileSystemView {
        let at: @Sendable (String) -> String = { $0.hasPrefix("/") ? $0 : "\(folder)/\($0)" }
        var view = self
        view.kind = { [kind] in kind(at($0)) }
        view.matches = { [matches] in matches(at($0)) }
        view.certificateProblem = { [certificateProblem] files in
            var files = files
            files.certificate = at(files.certificate)
            files.key = at(files.key)
            files.clientAuthorities = files.clientAuthorities.map(at)
            files.clientRevocations = files.clientRevocations.map(at)
            files.staple = files.staple.map(at)
            return certificateProblem(files)
        }
        view.contentProblems = { [contentProblems] in contentProblems($0.map(at)) }
        return view
    }
}

extension ConfiguredFile {
    fileprivate func map(_ change: (String) -> String) -> ConfiguredFile {
        switch self {
        case .signingSecret(let path): .signingSecret(change(path))
        case .assertionKey(let path): .assertionKey(change(path))
        case .locations(let path): .locations(change(path))
        case .pages(let path): .pages(change(path))
        case .log(let path): .log(change(path))
        }
    }
}
