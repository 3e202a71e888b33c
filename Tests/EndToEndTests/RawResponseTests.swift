import Foundation
import Support
import Testing

extension Stories {
    /// Answers of an origin byte by byte as no server should send them: the client gets a whole response, a refusal, or
    /// one that it can tell is not whole; and never a byte that belongs to another.
    @Suite(.haniel)
    struct RawResponseTests {
        /// A row of `Tests/Raw/responses.json`; each character of `answer` is one byte.
        struct Case: Decodable {
            /// `pass`, `refuse` (502) or `cut` (the response breaks off).
            var verdict: String
            var name: String
            var answer: String
            /// Whether the origin closes the connection behind the answer.
            var close: Bool
            var status: Int?
            var body: String?
            var method: String?
            var has: [String]?
            var lacks: [String]?

            var bytes: [UInt8] { answer.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }
        }

        static let cases: [Case] = {
            let file = URL(filePath: Repository.root).appending(path: "Tests/Raw/responses.json")
            guard let data = try? Data(contentsOf: file) else { return [] }
            return (try? JSONDecoder().decode([Case].self, from: data)) ?? []
        }()

        /// Answers `/N` with the row of that number, and everything else as it should.
        private static func origin() throws -> TestOrigin {
            try TestOrigin { request, connection in
                guard let number = Int(request.target.dropFirst()), cases.indices.contains(number)
                else { return try connection.respond(body: Array("next".utf8)) }
                try connection.wire.send(cases[number].bytes)
                if cases[number].close { connection.wire.close() }
            }
        }

        @Test func `Every answer reaches the client whole, or recognisably not`() throws {
            try #require(Self.cases.count > 90)
            let origin = try Self.origin()
            let gateway = try GatewayProcess(origin: origin)
            for (number, row) in Self.cases.enumerated() {
                let wire = try gateway.connect()
                let method = row.method ?? "GET"
                try wire.send("\(method) /\(number) HTTP/1.1\r\nHost: localhost\r\n\r\n")
                switch row.verdict {
                case "refuse":
                    #expect(try wire.receiveResponse().status == 502, "\(row.name)")
                case "cut":
                    try expectCut(row, wire)
                    continue
                default: try expectWhole(row, wire, method)
                }
                try wire.send(GatewayProcess.get("/next"))
                #expect(try wire.receiveResponse().text == "next", "\(row.name)")
            }
            #expect(try gateway.get("/next").text == "next")
        }

        private func expectWhole(_ row: Case, _ wire: Wire, _ method: String) throws {
            let response = try wire.receiveResponse(to: method)
            #expect(response.status == row.status, "\(row.name): \(response.startLine)")
            #expect(response.text == row.body ?? "", "\(row.name)")
            for name in row.lacks ?? [] { #expect(response[name] == nil, "\(row.name): \(name)") }
            for field in row.has ?? [] {
                let name = String(field.prefix { $0 != ":" })
                #expect(response[name] == String(field.dropFirst(name.count + 2)), "\(row.name)")
            }
            #expect(response.trailers.allSatisfy { $0.name.lowercased() == "x-sum" }, "\(row.name)")
        }

        private func expectCut(_ row: Case, _ wire: Wire) throws {
            let head = try wire.receiveHead()
            guard head.status == 200 else {
                #expect(head.status == 502, "\(row.name)")
                return
            }
            let rest = String(decoding: try wire.receiveToEnd(), as: UTF8.self)
            if let length = head["content-length"].flatMap(Int.init) {
                #expect(rest.utf8.count < length, "\(row.name)")
            } else {
                #expect(head["transfer-encoding"] == "chunked", "\(row.name)")
                #expect(!rest.contains("0\r\n\r\n"), "\(row.name)")
            }
        }

        @Test func `An old client learns by a reset that an answer without a length broke off`()
            throws
        {
            let origin = try TestOrigin { _, connection in
                let start = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
                try connection.wire.send(start)
                _ = try connection.wire.isEnded(within: .milliseconds(100))
                connection.wire.close()
            }
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            try wire.send("GET / HTTP/1.0\r\n\r\n")
            let head = try wire.receiveHead()
            #expect(head["content-length"] == nil && head["transfer-encoding"] == nil)
            _ = try wire.receiveToEnd()
            #expect(wire.wasReset)
        }

        @Test func `Early hints reach the client before the answer`() throws {
            let goOn = Signal()
            let origin = try TestOrigin { _, connection in
                try connection.wire.send(
                    "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nConnection: x\r\n\r\n"
                )
                guard goOn.wait(within: .seconds(10)) else { return }
                try connection.respond()
            }
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            try wire.send(GatewayProcess.get("/"))
            let hints = try wire.receiveHead()
            #expect(hints.status == 103)
            #expect(hints["link"] == "</a.css>")
            #expect(hints["connection"] == nil)
            goOn.raise()
            #expect(try wire.receiveHead().status == 200)
            let old = try gateway.connect()
            try old.send("GET / HTTP/1.0\r\n\r\n")
            #expect(try old.receiveHead().status == 200, "HTTP/1.0 knows no interim responses")
        }

        @Test func `A server that answers before it has the content is heard at once`() throws {
            let origin = try TestOrigin(readsBodies: false) { _, connection in
                try connection.wire.send("HTTP/1.1 100 Continue\r\n\r\n")
                try connection.respond(403)
                _ = try connection.wire.isEnded(within: .seconds(10))
            }
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect(patience: .seconds(5))
            try wire.send(
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n\r\nabc"
            )
            #expect(try wire.receiveResponse(to: "POST").status == 403)
        }

        @Test func `A server that says Continue gets the rest of the content`() throws {
            let origin = try TestOrigin(readsBodies: false) { _, connection in
                try connection.wire.send("HTTP/1.1 100 Continue\r\n\r\n")
                let body = try connection.wire.receive(count: 6)
                try connection.respond(body: body)
            }
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            try wire.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\nabc")
            #expect(try !wire.isEnded(within: .milliseconds(100)))
            try wire.send("def")
            #expect(try wire.receiveResponse(to: "POST").text == "abcdef")
        }
    }
}
