import Foundation
import Support
import Testing
import Transport

@testable import Gateway

@Suite struct AdminTests {
    /// Sends each text and returns what came back until the listener closed.
    private static func talk(_ text: String, isDraining: Bool = false) throws -> String {
        let origin = try TestOrigin { _, connection in try connection.respond() }
        let admin = try Loopback.freePort()
        let scene = try GatewayScene {
            $0.proxyEverything(to: origin)
            $0.admin.address = .ip(host: "127.0.0.1", port: admin)
        }
        if isDraining { scene.shared.beginDraining() }
        let wire = try Loopback.connect(port: admin)
        try wire.send(text)
        wire.finishSending()
        return String(decoding: try wire.receiveToEnd(), as: UTF8.self)
    }

    private static func get(_ path: String, _ method: String = "GET") -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: x\r\n\r\n"
    }

    @Test(arguments: [
        ("/livez", "HTTP/1.1 200 OK", "ok\n"), ("/readyz", "HTTP/1.1 200 OK", "ok\n"),
        ("/metrics", "HTTP/1.1 200 OK", "haniel_config_generation 1\n"),
        ("/", "HTTP/1.1 404 Not Found", "there are"),
    ])
    func `Operators are told what they ask for`(_ path: String, _ status: String, _ content: String)
        throws
    {
        let answer = try Self.talk(Self.get(path))
        #expect(answer.hasPrefix(status))
        #expect(answer.contains(content))
    }

    @Test(arguments: ["rate=20/s", "rate=20%2Fs", "rate=20%2fs&capacity=7"])
    func `A room is changed by values as a page's script writes them`(change: String) throws {
        let admin = try Loopback.freePort()
        let scene = try GatewayScene {
            $0.rooms = [Configuration.Room(name: "sale", capacity: 1)]
            $0.admin.address = .ip(host: "127.0.0.1", port: admin)
        }
        let wire = try Loopback.connect(port: admin)
        try wire.send(
            "POST /rooms/sale?\(change) HTTP/1.1\r\nHost: x\r\nX-Haniel-Operator: me\r\n\r\n"
        )
        let answer = try wire.receiveResponse()
        #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
        withExtendedLifetime(scene) {}
    }

    @Test func `A gateway that is about to stop is alive and not ready`() throws {
        #expect(try Self.talk(Self.get("/livez"), isDraining: true).hasPrefix("HTTP/1.1 200"))
        #expect(try Self.talk(Self.get("/readyz"), isDraining: true).hasPrefix("HTTP/1.1 503"))
    }

    @Test func `HEAD is told the length of what GET would bring, and nothing of it`() throws {
        let answer = try Self.talk(Self.get("/livez", "HEAD"))
        #expect(answer.contains("content-length: 3\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n"))
    }

    @Test func `One connection brings several answers, and ends with what is no request`() throws {
        let answer = try Self.talk(Self.get("/livez") + Self.get("/readyz") + "garbage\r\n\r\n")
        #expect(answer.components(separatedBy: "HTTP/1.1 200 OK").count == 3)
        #expect(try Self.talk(Self.get("/livez", "POST")).hasPrefix("HTTP/1.1 405"))
    }
}
