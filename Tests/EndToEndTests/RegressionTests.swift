import Foundation
import Support
import Testing

/// The public tests beside the repository; a machine without them skips the stories that need them.
enum RegressionSuite {
    static let folder = Repository.root + "/../shared/waf"
    static let isPresent = FileManager.default.fileExists(atPath: folder + "/ftw/tests")

    /// Tests that can only be judged by the log, since they are about what a line says.
    static let logged =
        "^(932200-13|932207-7|932300-10|933120-2|949110-5|959100-3|920540|922130-2)"

    /// A third of the others; all of them where the environment asks for it.
    static var chosen: [String] {
        ProcessInfo.processInfo.environment["REGRESSION"] == "all"
            ? [] : ["--include=-[0-9]*[147]$"]
    }
}

extension Stories {
    /// The regression tests of the OWASP Core Rule Set against the running gateway, with the settings they
    /// are meant for.
    @Suite(
        .haniel,
        .enabled(
            if: RegressionSuite.isPresent,
            "the public tests (../shared/waf) are not on this machine"
        )
    )
    struct RegressionTests {
        private struct Summary: Decodable {
            struct Row: Decodable {
                let id: String
                let result: String
                let reasons: [String]
            }

            let tests: [Row]
        }

        @Test func `The tests of the Core Rule Set pass`() throws {
            let backendPort = try Loopback.freePort()
            let backend = try ChildProcess(
                "python3",
                [RegressionSuite.folder + "/ftw_backend.py", "--port", "\(backendPort)"],
                output: "/dev/null"
            )
            defer { backend.stop() }
            try #require(eventually { Loopback.isListening(port: backendPort) })
            var setup = GatewayProcess.Setup(origins: [backendPort])
            setup.further =
                "rules:\n  files: [\"\(RegressionSuite.folder)/ftw/main.conf\"]\n  report: true\n  budget: 10s\n"
            let gateway = try GatewayProcess(setup)
            let results =
                try Self.run(
                    gateway,
                    ["--jobs", "4", "--exclude", RegressionSuite.logged] + RegressionSuite.chosen
                )
                + Self.run(
                    gateway,
                    ["--log", gateway.folder.file("waf.log"), "--include", RegressionSuite.logged]
                )
            #expect(results.count > 800)
            let failures = results.filter { $0.result != "pass" }
            #expect(failures.isEmpty, "\(failures.map { "\($0.id): \($0.reasons)" })")
        }

        private static func run(_ gateway: GatewayProcess, _ options: [String]) throws -> [Summary
            .Row]
        {
            let report = gateway.folder.file("regression.json")
            let usual = [
                RegressionSuite.folder + "/ftw.py", "--tests",
                RegressionSuite.folder + "/ftw/tests", "--target",
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
