import Foundation
import Support
import Testing

extension Stories {
    /// Requests byte by byte as no library would send them, judged from both sides: at the client, and at an origin
    /// that writes down what reaches it. `scripts/differential` sends the same ones to origins of other makers.
    @Suite(.haniel)
    struct RawRequestTests {
        /// A row of `Tests/Raw/requests.json`; each character of `send` is one byte.
        struct Case: Decodable {
            var name: String
            var send: String
            /// The statuses of a refusal; nil for a request that goes on to the origin.
            var refuse: [Int]?
            /// Whether the head is fine, so that the origin may have seen a part before the fault came.
            var begun: Bool?
            var line: String?
            var body: String?
            var has: [String]?
            var lacks: [String]?

            var bytes: [UInt8] { send.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }
        }

        static let cases: [Case] = {
            let file = URL(filePath: Repository.root).appending(path: "Tests/Raw/requests.json")
            guard let data = try? Data(contentsOf: file) else { return [] }
            return (try? JSONDecoder().decode([Case].self, from: data)) ?? []
        }()

        @Test func `Every request reaches the origin as one message, or not at all`() throws {
            try #require(Self.cases.count > 400)
            let origin = try TestOrigin { request, connection in
                try connection.respond(toHead: request.method == "HEAD")
            }
            let gateway = try GatewayProcess(origin: origin)
            for row in Self.cases {
                let before = origin.requests.count
                if let statuses = row.refuse {
                    try expectRefusal(row, statuses, gateway)
                    #expect(origin.requests.count == before, "\(row.name)")
                } else {
                    let count = try expectPassage(row, gateway, origin)
                    #expect(origin.requests.count == before + count, "\(row.name)")
                }
            }
        }

        private func expectRefusal(_ row: Case, _ statuses: [Int], _ gateway: GatewayProcess)
            throws
        {
            let wire = try gateway.connect()
            try wire.send(row.bytes)
            let answer = try wire.receiveResponse()
            #expect(statuses.contains(answer.status), "\(row.name): \(answer.startLine)")
            #expect(answer.announcesClose, "\(row.name)")
            wire.finishSending()
            #expect(try wire.isEnded(), "\(row.name): something follows the refusal")
        }

        /// Returns how many requests the origin should have seen.
        private func expectPassage(_ row: Case, _ gateway: GatewayProcess, _ origin: TestOrigin)
            throws -> Int
        {
            let wire = try gateway.connect()
            try wire.send(row.bytes)
            let method = row.line?.split(separator: " ").first.map(String.init) ?? "GET"
            let answer = try wire.receiveResponse(to: method)
            #expect(answer.status == 200, "\(row.name): \(answer.startLine)")
            guard answer.status == 200, let request = origin.requests.last else { return 1 }
            #expect(request.startLine == row.line, "\(row.name)")
            #expect(request.text == row.body ?? "", "\(row.name)")
            #expect(request.values(of: "host").count == 1, "\(row.name)")
            for field in row.has ?? [] {
                let name = String(field.prefix { $0 != ":" })
                let value = String(field.dropFirst(name.count + 2))
                #expect(request.values(of: name).contains(value), "\(row.name): \(field)")
            }
            for name in row.lacks ?? [] { #expect(request[name] == nil, "\(row.name): \(name)") }
            // What is left behind the message must not be taken for another.
            if answer.announcesClose { return 1 }
            try wire.send(GatewayProcess.get("/next"))
            #expect(try wire.receiveResponse().status == 200, "\(row.name)")
            #expect(origin.requests.last?.target == "/next", "\(row.name)")
            return 2
        }
    }
}
