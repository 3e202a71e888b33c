import Foundation
import Testing

@testable import Gateway

/// Each file holds a configuration, a line of dashes, and what `haniel` makes of it: its problems, or its warnings and
/// the configuration in effect, in brief or, if it begins with `# effective`, with the origin of every value.
///
/// With RECORD_GOLDEN=1 in the environment the files are written instead of compared.
@Suite struct GoldenTests {
    static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "Golden"
    )
    static let separator = "\n----------\n"

    static var names: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path())) ?? []
        return files.filter { $0.hasSuffix(".golden") }.sorted()
    }

    @Test func `There are golden files`() {
        #expect(Self.names.count >= 20)
    }

    @Test(arguments: GoldenTests.names)
    func `A configuration means what its golden file says`(name: String) throws {
        let url = Self.directory.appending(path: name)
        let golden = try String(contentsOf: url, encoding: .utf8)
        let parts = golden.split(
            separator: Self.separator,
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        let input = try #require(parts.first.map { String($0) + "\n" })
        let output = Self.output(of: input)
        if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
            try (parts[0] + Self.separator + output).write(
                to: url,
                atomically: true,
                encoding: .utf8
            )
        }
        #expect(parts.last.map(String.init) == output)
    }

    static func output(of input: String) -> String {
        let source = ConfigurationSource(file: "haniel.yaml", secrets: .sample, files: .sample)
        let decoded = Configuration.decode(
            SourceText(file: "haniel.yaml", text: input),
            secrets: .sample
        )
        do throws(ProblemReport) {
            let loaded = try source.load(decoded)
            let warnings = loaded.warnings.text + (loaded.warnings.problems.isEmpty ? "" : "\n")
            return warnings
                + (input.hasPrefix("# effective")
                    ? ConfigurationPrinter.effective(loaded.configuration, origins: loaded.origins)
                    : ConfigurationPrinter.brief(loaded.configuration))
        } catch {
            return error.text
        }
    }
}

extension SecretSource {
    /// One variable and one secret file.
    static var sample: SecretSource {
        SecretSource(environment: [
            "REDIS_URL": "redis://haniel:hunter2@redis:6379", "PORT": "8443",
        ]) { path in
            path == "/run/secrets/redis" ? "hunter3\n" : nil
        }
    }
}

extension FileSystemView {
    /// A few files, certificates that are well, expired or paired with the wrong key, and one address in use.
    static var sample: FileSystemView {
        FileSystemView(
            kind: { path in
                if path == "public" { return .directory }
                let files = [
                    "rules/main.conf", "shop.pem", "shop.key", "other.key", "old.pem",
                    "assertion.key", "signing.key",
                ]
                return files.contains(path) ? .file : nil
            },
            matches: { $0 == "rules/site/*.conf" ? ["rules/site/a.conf"] : [] },
            certificateProblem: { files in
                if files.key == "other.key" {
                    return CertificateProblem(
                        severity: .error,
                        code: .keyMismatch,
                        message: "`other.key` is not the private key of `\(files.certificate)`",
                        key: "key"
                    )
                }
                guard files.certificate == "old.pem" else { return nil }
                return CertificateProblem(
                    severity: .error,
                    code: .certificateExpiry,
                    message: "`old.pem` expired 3 days ago"
                )
            },
            listenProblem: { $0.text == "127.0.0.1:9999" ? "bind: Address already in use" : nil }
        )
    }
}
