import Foundation
import Testing

@testable import Gateway

/// `config/haniel.yaml` teaches every key at its default, so it has to be true.
@Suite struct ReferenceTests {
    static let repository = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The same file with nothing in it but what has no default.
    static let required = """
        listeners:
          - address: 127.0.0.1:8443
        rate_limits:
          - name: login
            rate: 10/m
        rooms:
          - name: onsale
            paths: [/onsale/*]
            capacity: 500
        upstreams:
          - name: shop
            servers: [127.0.0.1:9000]
        routes:
          - paths: [/internal/*]
            deny: 404
          - paths: [/tickets]
            redirect: {to: /}
          - paths: [/robots.txt]
            answer: {}
          - paths: [/downloads/*]
            files: {root: docs}
          - proxy: shop

        """

    static func decoded(_ name: String) throws -> (decoded: DecodedConfiguration, text: String) {
        let text = try String(
            contentsOf: repository.appending(path: "config/\(name)"),
            encoding: .utf8
        )
        return (Configuration.decode(SourceText(file: name, text: text), secrets: .sample), text)
    }

    @Test func `The reference decodes to the defaults`() throws {
        let reference = try Self.decoded("haniel.yaml").decoded
        let defaults = Configuration.decode(
            SourceText(file: "required", text: Self.required),
            secrets: .sample
        )
        #expect(reference.problems == [])
        #expect(defaults.problems == [])
        #expect(reference.configuration == defaults.configuration)
    }

    @Test func `The reference leaves no key out`() throws {
        let reference = try Self.decoded("haniel.yaml")
        let text = ConfigurationPrinter.effective(
            reference.decoded.configuration,
            origins: reference.decoded.origins
        )
        let lines = text.split(separator: "\n")
        // A route of its own kind does not repeat the keys of the others; the last route has them all.
        let last = lines.lastIndex { $0.hasPrefix("  - hosts:") } ?? lines.endIndex
        let routes = lines.firstIndex { $0 == "routes:" } ?? lines.endIndex
        let silent = (lines[..<routes] + lines[last...]).filter { $0.hasSuffix("# default") }
        #expect(silent == [])
        for name in [
            "certificate:", "key:", "to:", "status:", "content_type:", "body:", "root:", "index:",
            "max_age:",
        ] {
            #expect(reference.text.contains(name))
        }
    }

    @Test(arguments: ["haniel.yaml", "demo.yaml"])
    func `What is shipped has no problem but files that are made later`(name: String) throws {
        let decoded = try Self.decoded(name).decoded
        var files = FileSystemView.sample
        files.kind = { $0 == "docs" ? .directory : .file }
        #expect(decoded.problems + ConfigurationValidator.problems(in: decoded, files: files) == [])
    }

    @Test func `What config show prints reads back as the same`() throws {
        let decoded = try Self.decoded("demo.yaml").decoded
        for text in [
            ConfigurationPrinter.effective(decoded.configuration, origins: decoded.origins),
            ConfigurationPrinter.brief(decoded.configuration),
        ] {
            let again = Configuration.decode(
                SourceText(file: "shown", text: text),
                secrets: .sample
            )
            #expect(again.problems == [])
            #expect(again.configuration == decoded.configuration)
        }
    }
}
