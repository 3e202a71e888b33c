import Foundation
import Support
import Testing

extension Stories {
    /// What servers answer is inspected as well, and refused without a trace of it reaching the client.
    @Suite(.haniel)
    struct ResponseRulesTests {
        private static func gateway(
            limit: Int = 1_000,
            action: String = "ProcessPartial",
            answer: @escaping @Sendable (WireMessage, OriginConnection) throws -> Void
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
            let origin = try TestOrigin { try answer($0, $1) }
            let gateway = try GatewayProcess(
                origin: origin,
                further: "rules:\n  files: [\"\(path)\"]\n"
            )
            return (gateway, folder)
        }

        private static let text = [("Content-Type", "text/plain")]

        @Test func `An answer that gives something away becomes a page of the gateway`() throws {
            let (gateway, _) = try Self.gateway { _, connection in
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
            let (gateway, _) = try Self.gateway { try $1.respond(200, Self.text, body: body) }
            #expect(try gateway.get("/").body == body)
        }

        @Test func `Beyond the limit an answer is refused where that is asked for`() throws {
            let body = Array(repeating: UInt8(ascii: "x"), count: 2_000)
            let (gateway, _) = try Self.gateway(action: "Reject") {
                try $1.respond(200, Self.text, body: body)
            }
            #expect(try gateway.get("/").status == 500)
        }

        /// What Python's zlib makes of "the secret is out".
        @Test(arguments: [
            ("gzip", "H4sIAAAAAAACAyvJSFUoTk0uSi1RyCxWyC8tAQCSmtoiEQAAAA=="),
            ("deflate", "eJwryUhVKE5NLkotUcgsVsgvLQEAOSUGXA=="),
        ])
        func `A compressed answer is read as the client will read it`(coding: String, body: String)
            throws
        {
            let bytes = try #require(Data(base64Encoded: body))
            let (gateway, _) = try Self.gateway {
                try $1.respond(200, Self.text + [("Content-Encoding", coding)], body: Array(bytes))
            }
            #expect(try gateway.get("/").status == 502)
        }

        @Test(arguments: [
            ("br, gzip;q=0.5", "gzip"), ("br", "identity"), ("gzip;q=0, *", "identity"),
            ("*", "gzip"),
        ])
        func `Servers are asked for codings that the rules can read`(asked: String, told: String)
            throws
        {
            let (gateway, _) = try Self.gateway { request, connection in
                let asked = request.values(of: "accept-encoding").first ?? "none"
                try connection.respond(200, Self.text, body: Array(asked.utf8))
            }
            #expect(try gateway.get("/", ["Accept-Encoding: \(asked)"]).text == told)
            #expect(try gateway.get("/").text == "none")
        }

        /// The server's connection serves others while the answer still waits for its client.
        @Test func `What the log tells of an answer's fields is of that answer, however late`()
            throws
        {
            let folder = try TemporaryFolder()
            let rule =
                #"SecRule RESPONSE_HEADERS:X-Who "@rx ." "id:1,phase:5,pass,log,logdata:'%{MATCHED_VAR}'""#
            let path = try folder.write("SecRuleEngine On\n\(rule)\n", to: "who.conf")
            let origin = try TestOrigin { request, connection in
                let isFirst = request.target == "/first"
                let who = isFirst ? "of-the-first" : "SECRET-OF-ANOTHER \(connection.number)"
                let filler = ("X-Filler", String(repeating: "f", count: isFirst ? 10 : 4_000))
                let body = Array("\(connection.number)".utf8)
                try connection.respond(
                    200,
                    isFirst ? [("X-Who", who), filler] : [filler, ("X-Who", who)],
                    body: isFirst ? [UInt8](repeating: 0x6F, count: 60_000) : body
                )
            }
            let gateway = try GatewayProcess(
                origin: origin,
                further: "rules:\n  files: [\"\(path)\"]\n"
            )
            let slow = try gateway.connectHTTP2(settings: [(4, 0)])
            slow.widensWindows = false
            try slow.open(1, HTTP2Wire.get("/first"))
            #expect(try slow.wait { slow.responses[1]?.status == 200 })
            #expect(try eventually { try gateway.get("/other").text == "1" })
            try slow.widen(1, 70_000)
            #expect(try slow.response(on: 1).body.count == 60_000)
            #expect(gateway.logs("waf.log", #""url.path":"/first""#, #""data":"of-the-first""#))
        }

        @Test func `Content of another type passes unread`() throws {
            let (gateway, _) = try Self.gateway {
                try $1.respond(200, [("Content-Type", "image/png")], body: Array("secret".utf8))
            }
            #expect(try gateway.get("/").text == "secret")
        }
    }
}
