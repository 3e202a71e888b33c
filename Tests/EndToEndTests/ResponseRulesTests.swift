import Support
import Testing

extension Stories {
    /// What servers answer is inspected as well, and refused without a trace of it reaching the client.
    @Suite(.haniel)
    struct ResponseRulesTests {
        private static func gateway(
            limit: Int = 1_000,
            action: String = "ProcessPartial",
            answer: @escaping @Sendable (OriginConnection) throws -> Void
        ) throws -> (GatewayProcess, TemporaryFolder) {
            let folder = try TemporaryFolder()
            let rules = """
                SecRuleEngine On
                SecResponseBodyAccess On
                SecResponseBodyMimeType text/plain
                SecResponseBodyLimit \(limit)
                SecResponseBodyLimitAction \(action)
                SecRule RESPONSE_BODY "@contains secret" "id:1,phase:4,deny,status:502,msg:'Leak'"
                """
            let path = try folder.write(rules, to: "leak.conf")
            let origin = try TestOrigin { _, connection in try answer(connection) }
            let gateway = try GatewayProcess(
                origin: origin,
                further: "rules:\n  files: [\"\(path)\"]\n"
            )
            return (gateway, folder)
        }

        private static let text = [("Content-Type", "text/plain")]

        @Test func `An answer that gives something away becomes a page of the gateway`() throws {
            let (gateway, _) = try Self.gateway { connection in
                try connection.respondChunked(
                    [Array("the sec".utf8), Array("ret is out".utf8)],
                    fields: Self.text
                )
            }
            let answer = try gateway.get("/")
            #expect(answer.status == 502)
            #expect(!answer.text.contains("ret is out"))
            #expect(gateway.logs("waf.log", "\"id\":1,", "waf-block"))
        }

        @Test func `An answer without a match arrives whole, however long it is`() throws {
            let body = Array(repeating: UInt8(ascii: "x"), count: 300_000)
            let (gateway, _) = try Self.gateway { try $0.respond(200, Self.text, body: body) }
            #expect(try gateway.get("/").body == body)
        }

        @Test func `Beyond the limit an answer is refused where that is asked for`() throws {
            let body = Array(repeating: UInt8(ascii: "x"), count: 2_000)
            let (gateway, _) = try Self.gateway(action: "Reject") {
                try $0.respond(200, Self.text, body: body)
            }
            #expect(try gateway.get("/").status == 500)
        }

        @Test func `Content of another type passes unread`() throws {
            let (gateway, _) = try Self.gateway {
                try $0.respond(200, [("Content-Type", "image/png")], body: Array("secret".utf8))
            }
            #expect(try gateway.get("/").text == "secret")
        }
    }
}
