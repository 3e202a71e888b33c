import Foundation
import HTTP
import Support
import Testing

@testable import Gateway

@Suite struct FileRootTests {
    private static func site() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let files = FileManager.default
        for name in ["root/sub", "root/.git", "outside"] {
            try files.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
        }
        try folder.write("front", to: "root/index.html")
        try folder.write("page", to: "root/sub/index.html")
        try folder.write("body{}", to: "root/style.css")
        try folder.write("blob", to: "root/sub/data.unknown")
        try folder.write("", to: "root/empty.txt")
        try folder.write("hidden", to: "root/.env")
        try folder.write("hidden", to: "root/.git/config")
        try folder.write("secret", to: "outside/secret.txt")
        try files.createSymbolicLink(
            atPath: folder.file("root/link.txt"),
            withDestinationPath: "../outside/secret.txt"
        )
        try files.createSymbolicLink(
            atPath: folder.file("root/linked"),
            withDestinationPath: folder.file("outside")
        )
        return folder
    }

    /// The answer's status, content and fields; nil where there is no file.
    private struct Answer: Equatable, Sendable {
        var status: Int
        var content: String
        var fields: String
    }

    private static func get(_ target: String, _ lines: [String] = [], in folder: TemporaryFolder)
        async throws
        -> Answer?
    {
        try await onReactor { reactor in
            let root = FileRoot(Configuration.Files(root: folder.file("root")))
            let exchange = try await ExchangeScene.make(
                "GET \(target) HTTP/1.1",
                lines,
                on: reactor
            ).exchange
            guard let response = root.answer(exchange) else { return nil }
            guard case .file(let file) = response.source else {
                let fields = response.fields.map { "\($0.name): \($0.value)" }.joined(
                    separator: "\n"
                )
                return Answer(status: response.status, content: response.text, fields: fields)
            }
            let (fields, content) = (OutputBuffer(), OutputBuffer())
            file.appendFields(to: fields)
            while content.count < file.length,
                let count = file.append(to: content, from: content.count, limit: 2),
                count > 0
            {}
            return Answer(
                status: response.status,
                content: content.readable.string,
                fields: fields.readable.string
            )
        }
    }

    @Test(arguments: [
        ("/", "front", "text/html; charset=utf-8"),
        ("/index.html", "front", "text/html; charset=utf-8"),
        ("/sub/", "page", "text/html; charset=utf-8"),
        ("/style.css?v=2", "body{}", "text/css; charset=utf-8"),
        ("/sub/data.unknown", "blob", "application/octet-stream"),
        ("/empty.txt", "", "text/plain; charset=utf-8"),
        ("/sub/../style.css", "body{}", "text/css; charset=utf-8"),
    ])
    func `A file is served with its type`(_ target: String, _ content: String, _ type: String)
        async throws
    {
        let answer = try #require(try await Self.get(target, in: Self.site()))
        #expect(answer.status == 200)
        #expect(answer.content == content)
        #expect(answer.fields.contains("content-type: \(type)\r\n"))
        #expect(answer.fields.contains("x-content-type-options: nosniff\r\n"))
        #expect(answer.fields.contains("cache-control: max-age=3600\r\n"))
    }

    @Test(arguments: [
        "/nothing", "/sub", "/.env", "/.git/config", "/.git/", "/sub/../.env",
        "/../outside/secret.txt",
        "/%2e%2e/outside/secret.txt",
        "/..%2foutside/secret.txt", "/sub/..%2f..%2foutside/secret.txt", "/style.css%00.png",
        "/style.css/",
        "/link.txt",
        "/linked/secret.txt", "/linked/", "/./.env", "//.env", "/%2Eenv", "/sub/%2E%2E/%2Eenv",
    ])
    func `What lies outside, is hidden or is a link is not there`(_ target: String) async throws {
        #expect(try await Self.get(target, in: Self.site()) == nil)
    }

    @Test func `A client that has the file is told so`() async throws {
        let folder = try Self.site()
        let first = try #require(try await Self.get("/style.css", in: folder))
        let line = try #require(
            first.fields.split(separator: "\r\n").first { $0.hasPrefix("etag: ") }
        )
        let tag = String(line.dropFirst(6))
        for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
            let again = try #require(
                try await Self.get("/style.css", ["If-None-Match: \(known)"], in: folder)
            )
            #expect(again.status == 304, "\(known)")
            #expect(again.content.isEmpty)
            #expect(again.fields == "etag: \(tag)\ncache-control: max-age=3600")
        }
        let other = try #require(
            try await Self.get("/style.css", ["If-None-Match: \"other\""], in: folder)
        )
        #expect(other.status == 200)
    }

    @Test func `A file that has changed has another tag`() async throws {
        let folder = try Self.site()
        let before = try #require(try await Self.get("/style.css", in: folder))
        try folder.write("main{}+", to: "root/style.css")
        let after = try #require(try await Self.get("/style.css", in: folder))
        #expect(after.content == "main{}+")
        #expect(before.fields != after.fields)
    }

    @Test
    func `A directory that is configured with a slash, or is a link itself, serves its files`()
        async throws
    {
        let folder = try Self.site()
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("current"),
            withDestinationPath: folder.file("root")
        )
        for root in [folder.file("root/"), folder.file("current")] {
            let isThere = try await onReactor { reactor in
                let exchange = try await ExchangeScene.make("GET /sub/ HTTP/1.1", on: reactor)
                    .exchange
                return FileRoot(Configuration.Files(root: root)).answer(exchange) != nil
            }
            #expect(isThere, "\(root)")
        }
    }
}
