import Foundation
import Support
import Testing

@testable import Gateway

@Suite struct ResponseWriterTests {
    /// A gateway that answers everything itself.
    private static func scene(status: Int, body: String) throws -> GatewayScene {
        try GatewayScene { $0.routes = [.init(action: .answer(.init(status: status, body: body)))] }
    }

    /// Everything that comes back for the requests of one connection.
    private static func talk(_ scene: GatewayScene, _ text: String) throws -> String {
        let wire = try scene.connect()
        try wire.send(text)
        return String(decoding: try wire.receiveToEnd(), as: UTF8.self)
    }

    private static func request(
        _ method: String = "GET",
        _ version: String = "1.1",
        _ lines: String = ""
    ) -> String {
        "\(method) / HTTP/\(version)\r\nHost: x\r\n\(lines)\r\n"
    }

    private static let last = request("GET", "1.1", "Connection: close\r\n")

    @Test func `Content comes with its length and type`() throws {
        let answer = try Self.talk(try Self.scene(status: 200, body: "hello"), Self.last)
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("content-length: 5\r\n"))
        #expect(answer.contains("content-type: text/plain; charset=utf-8\r\n"))
        #expect(answer.contains("\r\ndate: "))
        #expect(answer.contains("connection: close\r\n"))
        #expect(answer.hasSuffix("\r\n\r\nhello"))
    }

    @Test(arguments: [204, 304])
    func `A status that has no content gets none, whatever the route says`(_ status: Int) throws {
        let scene = try Self.scene(status: status, body: "HTTP/1.1 200 OK\r\n\r\n")
        let answer = try Self.talk(scene, Self.request() + Self.last)
        #expect(!answer.contains("200 OK"))
        #expect(!answer.contains("content-length"))
        #expect(answer.components(separatedBy: "HTTP/1.1 \(status)").count == 3)
    }

    @Test func `HEAD is told the length of what GET would bring, and nothing of it`() throws {
        let scene = try Self.scene(status: 200, body: "hello")
        let answer = try Self.talk(scene, Self.request("HEAD") + Self.last)
        #expect(answer.components(separatedBy: "content-length: 5\r\n").count == 3)
        #expect(answer.components(separatedBy: "hello").count == 2)
    }

    @Test func `A client of HTTP/1.0 keeps its connection if it asks, and otherwise not`() throws {
        let scene = try Self.scene(status: 200, body: "hello")
        let once = try Self.talk(scene, Self.request("GET", "1.0") + Self.last)
        #expect(once.components(separatedBy: "HTTP/1.1 200").count == 2)
        let kept = try Self.talk(
            scene,
            Self.request("GET", "1.0", "Connection: keep-alive\r\n") + Self.last
        )
        #expect(kept.components(separatedBy: "HTTP/1.1 200").count == 3)
        #expect(kept.contains("connection: keep-alive\r\n"))
    }

    @Test
    func `Requests sent all at once are answered in their order, another client's among them`()
        throws
    {
        let scene = try GatewayScene { configuration in
            configuration.routes = (0..<40).map { index in
                var route = Configuration.Route(action: .answer(.init(body: "answer \(index);")))
                route.paths = [.exact("/\(index)")]
                return route
            }
        }
        let wire = try scene.connect()
        let all = (0..<40).map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined()
        try wire.send(all + "GET /39 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        let other = try scene.connect()
        try other.send("GET /7 HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try other.receiveResponse().text == "answer 7;")
        let answers = (0..<40).map { _ in (try? wire.receiveResponse())?.text }
        #expect(answers == (0..<40).map { "answer \($0);" })
    }
}
