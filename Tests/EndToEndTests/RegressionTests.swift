import Foundation
import Support
import Testing

extension Stories {
    /// The regression tests of the OWASP Core Rule Set against the running gateway, with the settings they are meant for.
    @Suite(
        .haniel,
        .enabled(if: RegressionTests.isPresent, "the public tests (../shared/waf) are not on this machine")
    )
    struct RegressionTests {
        static let folder = Repository.root + "/../shared/waf"
        static let isPresent = FileManager.default.fileExists(atPath: folder + "/ftw/tests")

        /// Tests that can only be judged by the log: those of the phase after the answer, and those of what a line says.
        private static let loggedTests =
            "^(980170|932200-13|932207-7|932300-10|933120-2|949110-5|959100-3|920540|922130-2)"

        private struct Summary: Decodable {
            struct Row: Decodable {
                let id: String
                let result: String
                let reasons: [String]
            }

            let tests: [Row]
        }

        @Test func `Every test of the Core Rule Set passes`() throws {
            let backendPort = try Loopback.freePort()
            let backend = try ChildProcess(
                "python3",
                [Self.folder + "/ftw_backend.py", "--port", "\(backendPort)"],
                output: "/dev/null"
            )
            defer { backend.stop() }
            try #require(eventually { Loopback.isListening(port: backendPort) })
            var setup = GatewayProcess.Setup(origins: [backendPort])
            setup.further =
                "rules:\n  files: [\"\(Self.folder)/ftw/main.conf\"]\n  report: true\n"
            let gateway = try GatewayProcess(setup)
            let results =
                try Self.run(gateway, ["--jobs", "4", "--exclude", Self.loggedTests])
                + Self.run(
                    gateway,
                    ["--log", gateway.folder.file("waf.log"), "--include", Self.loggedTests]
                )
            #expect(results.count > 3_000)
            let failures = results.filter { $0.result != "pass" }
            #expect(failures.isEmpty, "\(failures.map { "\($0.id): \($0.reasons)" })")
        }

        private static func run(_ gateway: GatewayProcess, _ options: [String]) throws -> [Summary.Row] {
            let report = gateway.folder.file("regression.json")
            let usual = [
                folder + "/ftw.py", "--tests", folder + "/ftw/tests", "--target",
                "127.0.0.1:\(gateway.port)", "--id-header", "X-Waf-Rules", "--json", report,
            ]
            let output = try Tool.run("python3", usual + options)
            try #require(output.status == 0, "\(output.text)")
            return try JSONDecoder().decode(
                Summary.self,
                from: Data(contentsOf: URL(fileURLWithPath: report))
            ).tests
        }
    }
}
