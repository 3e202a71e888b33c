import Support
import Synchronization
import Testing
import Transport

@testable import Gateway

/// Where one request's content ends the next request begins, whatever made the gateway stop reading it.
@Suite struct ContentBoundaryTests {
    private static let content = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    private static let next = "GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    private static func head(_ target: String) -> String {
        "POST \(target) HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
            + "Content-Length: \(content.utf8.count)\r\n\r\n"
    }

    private static func rules(
        _ directives: String,
        _ change: @escaping (inout Configuration) -> Void
    ) throws
        -> GatewayScene
    {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            "SecRuleEngine On\nSecRequestBodyAccess On\n\(directives)\n",
            to: "rules.conf"
        )
        return try GatewayScene { configuration in
            configuration.rules.files = [file]
            change(&configuration)
        }
    }

    /// Sends a request whose content looks like another, then a last one; the statuses of everything that comes back.
    private static func statuses(
        _ scene: GatewayScene,
        contentFirst: Bool = true,
        target: String = "/first"
    ) throws
        -> [Int]
    {
        let wire = try scene.connect()
        try wire.send(head(target) + (contentFirst ? content : ""))
        var statuses = [try wire.receiveResponse().status]
        try wire.send(next)
        while let response = try? wire.receiveResponse() { statuses.append(response.status) }
        return statuses
    }

    @Test func `Content that a stage has read is not read again as a request`() throws {
        let origin = try TestOrigin { _, connection in try connection.respond() }
        let scene = try GatewayScene { $0.proxyEverything(to: origin) }
        #expect(try Self.statuses(scene) == [200, 200])
        #expect(origin.requests.map(\.target) == ["/first", "/next"])
        #expect(origin.requests.map(\.text) == [Self.content, ""])
    }

    @Test func `Content on which the rules reach their limit is not read again as a request`()
        throws
    {
        let origin = try TestOrigin { _, connection in try connection.respond() }
        let limits = "SecRequestBodyLimit 10\nSecRequestBodyLimitAction ProcessPartial"
        let scene = try Self.rules(limits) { $0.proxyEverything(to: origin) }
        #expect(try Self.statuses(scene) == [200, 200])
        #expect(origin.requests.map(\.target) == ["/first", "/next"])
        #expect(origin.requests.first?.text == Self.content)
    }

    @Test func `What a rush of requests needed of the rules' memory goes back after it`() throws {
        let origin = try TestOrigin { _, connection in try connection.respond() }
        let scene = try Self.rules("") { $0.proxyEverything(to: origin) }
        let wires = try (0..<80).map { _ in try scene.connect() }
        for wire in wires {
            try wire.send(
                "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                    + "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n"
            )
        }
        // All are being inspected once all have been asked for their content.
        for wire in wires { _ = try wire.receive(through: "100 Continue\r\n\r\n") }
        for wire in wires { try wire.send("ab") }
        for wire in wires { #expect(try wire.receiveResponse().status == 200) }
        let count = Mutex(0)
        func free(_ body: @escaping @Sendable (InspectionStage) -> Void) -> Int {
            let isDone = Semaphore()
            scene.worker.run { worker in
                let inspection = worker.pipeline().inspection
                body(inspection)
                count.withLock { $0 = inspection.freeCount }
                isDone.signal()
            }
            isDone.wait()
            return count.withLock { $0 }
        }
        #expect(eventually { free { _ in } == InspectionStage.freeLimit })
        #expect(free { $0.trim() } == 0)
    }

    @Test func `Content that the rules refuse is not read as a request`() throws {
        let origin = try TestOrigin { _, connection in try connection.respond() }
        let limits = "SecRequestBodyLimit 10\nSecRequestBodyLimitAction Reject"
        let scene = try Self.rules(limits) { $0.proxyEverything(to: origin) }
        let statuses = try Self.statuses(scene)
        #expect(statuses.first == 413)
        #expect(!origin.requests.map(\.target).contains("/smuggled"))
        #expect(statuses.count <= 2)
    }

    @Test func `Content that no server took is not read as a request`() throws {
        let scene = try GatewayScene { configuration in
            let gone = Address.ip(host: "127.0.0.1", port: 1)
            configuration.upstreams = [.init(name: "gone", servers: [gone])]
            configuration.routes = [.init(action: .proxy("gone"))]
        }
        let statuses = try Self.statuses(scene)
        #expect(statuses.count == 2)
        #expect(statuses.allSatisfy { $0 >= 500 })
    }

    @Test func `Content after which an early answer is noticed is not read as a request`() throws {
        let origin = try TestOrigin(readsBodies: false) { request, connection in
            try connection.respond()
            guard request.method == "POST" else { return }
            connection.wire.close()
        }
        let scene = try GatewayScene { $0.proxyEverything(to: origin) }
        let wire = try scene.connect()
        try wire.send(Self.head("/first"))
        // The origin has answered before the gateway sees the first byte of the content.
        #expect(eventually { origin.requests.count == 1 })
        try wire.send(Self.content + Self.next)
        var statuses: [Int] = []
        while let response = try? wire.receiveResponse() { statuses.append(response.status) }
        #expect(statuses.first == 200)
        #expect(statuses.count <= 2)
        #expect(!origin.requests.map(\.target).contains("/smuggled"))
    }
}
