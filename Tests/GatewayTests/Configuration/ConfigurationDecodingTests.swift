import Foundation
import Support
import Testing

@testable import Gateway

@Suite struct ConfigurationDecodingTests {
    static func problems(_ text: String) -> [Problem] {
        Configuration.decode(SourceText(file: "f", text: text), secrets: .sample).problems
    }

    @Test func `A byte order mark is no part of a file's text`() throws {
        try CertificateAuthorityTests.withDirectory { directory in
            let file = "\(directory)/marked.yaml"
            let text = "\u{FEFF}listeners: [{address: \"127.0.0.1:80\"}]\nroutes: [{deny: 403}]\n"
            try Data(text.utf8).write(to: URL(filePath: file))
            #expect(Configuration.decode(file: file, secrets: .sample).problems.isEmpty)
        }
    }

    @Test func `A file that is missing, a directory or no text is a problem of the file`() throws {
        try CertificateAuthorityTests.withDirectory { directory in
            let binary = "\(directory)/binary.yaml"
            try Data([0xFF, 0xFE, 0x00]).write(to: URL(filePath: binary))
            let large = "\(directory)/large.yaml"
            try Data(repeating: 0x23, count: SourceText.bytesLimit + 1).write(
                to: URL(filePath: large)
            )
            for (file, code) in [
                ("\(directory)/none", ProblemCode.unreadableFile), (directory, .unreadableFile),
                (binary, .notUTF8),
                (large, .fileTooLarge),
            ] {
                let problems = Configuration.decode(file: file, secrets: .sample).problems
                #expect(problems.map(\.code) == [code])
                #expect(problems.first?.place == .file(file))
            }
        }
    }

    @Test func `Every key that is repeated is told, whatever its quotes`() {
        let codes = Self.problems(
            "workers: 1\n'workers': 2\n\"workers\": 3\nlisteners: []\nroutes: []\n"
        ).map(
            \.message
        )
        #expect(
            codes == [
                "duplicate key `workers`, first given in line 1",
                "duplicate key `workers`, first given in line 1",
            ]
        )
    }

    @Test func `Hundreds of problems are told in one run`() {
        let routes = (0..<300).map { "  - {denny: \($0), paths: [x]}\n" }.joined()
        let problems = Self.problems("listeners: [{address: x}]\nroutes:\n\(routes)")
        #expect(problems.count == 1 + 300 * 3)
    }

    @Test(arguments: [
        "? [a, b]\n: c\n", "- a\n", "text", "{", "a: &x [*x]", "!!binary x", "a: *b", "\u{0}",
        "\u{FEFF}workers: 1",
        "<<: {workers: 2}", "listeners: &a [*a, *a]", "%YAML 9.9\n---\na: b", "workers: !!int '3'",
        "\u{E000}: 1",
    ])
    func `Odd YAML gives problems and no crash`(text: String) {
        #expect(!Self.problems(text).isEmpty)
    }

    @Test func `Cut anywhere, a file still gives an answer`() throws {
        let text = try ReferenceTests.decoded("demo.yaml").text
        let scalars = Array(text.unicodeScalars)
        for end in stride(from: 0, to: scalars.count, by: 7) {
            let cut = String(String.UnicodeScalarView(scalars[..<end]))
            let decoded = Configuration.decode(SourceText(file: "f", text: cut), secrets: .sample)
            let report = ProblemReport(problems: decoded.problems, sources: [decoded.source])
            #expect(report.hasErrors == (decoded.problems != []))
            #expect(report.text.isEmpty == decoded.problems.isEmpty)
        }
    }

    @Test func `Programs get the problems as JSON`() throws {
        let source = SourceText(
            file: "a\"b.yaml",
            text: "workers: \"\\t\\u0007x\"\nlisteners: []\nroutes: []\n"
        )
        let decoded = Configuration.decode(source, secrets: .sample)
        let json = ProblemReport(problems: decoded.problems, sources: [source]).json
        let objects = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]]
        #expect(objects?.count == 1)
        #expect(objects?.first?["file"] as? String == "a\"b.yaml")
        #expect(objects?.first?["line"] as? Int == 1)
        #expect(objects?.first?["column"] as? Int == 10)
        #expect(objects?.first?["code"] as? String == "HN0103")
    }

    @Test func `The configuration that is shipped for Kubernetes is one`() throws {
        let text = try String(
            contentsOfFile: "\(Repository.root)/deploy/kubernetes.yaml",
            encoding: .utf8
        )
        let rest = try #require(text.components(separatedBy: "  haniel.yaml: |\n").last)
        let lines = rest.components(separatedBy: "---").first?.split(separator: "\n") ?? []
        let file = lines.map { $0.dropFirst(4) }.joined(separator: "\n")
        let decoded = Configuration.decode(
            SourceText(file: "f", text: file),
            secrets: .sample
        )
        #expect(decoded.problems.isEmpty)
        #expect(decoded.configuration.rooms.map(\.store) == [.redis])
        #expect(decoded.configuration.rules.files == ["/etc/haniel/rules/main.conf"])
    }
}
