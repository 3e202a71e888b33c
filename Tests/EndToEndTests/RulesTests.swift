import Foundation
import Support
import Testing

extension Stories {
    /// The firewall with the rules that come with the product.
    @Suite(.haniel)
    struct RulesTests {
        private static func gateway(mode: String = "block") throws -> (GatewayProcess, TestOrigin) {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let rules =
                "rules:\n  files: [\"\(Repository.root)/rules/starter.conf\"]\n  mode: \"\(mode)\"\n"
            return (try GatewayProcess(origin: origin, further: rules), origin)
        }

        private static let browser = [
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language: en-GB,en;q=0.5",
        ]

        private static func form(_ body: String) -> String {
            "POST /login HTTP/1.1\r\nHost: localhost\r\n" + browser.map { "\($0)\r\n" }.joined()
                + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }

        @Test(arguments: [
            "/?id=1%27%20OR%20%271%27=%271", "/?id=1%20UNION%20SELECT%20password%20FROM%20users",
            "/?q=%3Cscript%3Ealert(1)%3C/script%3E", "/?file=../../../../etc/passwd",
            "/?file=..%252f..%252fetc%252fpasswd",
        ])
        func `An attack in the query is stopped before the origin`(target: String) throws {
            let (gateway, origin) = try Self.gateway()
            #expect(try gateway.get(target, Self.browser).status == 403)
            #expect(origin.requests.isEmpty)
        }

        @Test func `The page of a refusal carries the reference that stands in the log`() throws {
            let (gateway, _) = try Self.gateway()
            let answer = try gateway.get("/?id=1%27%20OR%20%271%27=%271", Self.browser)
            #expect(answer.status == 403)
            let reference = try #require(
                answer.text.firstMatch(of: /<code>([0-9A-Za-z._-]+)<\/code>/)?.output.1
            )
            #expect(gateway.logs("waf.log", String(reference)))
            #expect(!answer.text.contains("OR"), "the page does not repeat the attack")
        }

        @Test func `Tools that read ModSecurity's lines find them if asked for`() throws {
            let (gateway, _) = try Self.gateway()
            try gateway.reload {
                $0.replacing("waf.log\"\n", with: "waf.log\"\n  waf_form: modsecurity\n")
            }
            let words = [
                "[client 127.0.0.1] ModSecurity: Access denied with code 403 (phase 2).",
                "[id \"9190200\"]", "[severity \"CRITICAL\"]", "[uri \"/\"]",
            ]
            let isFound = try eventually {
                let attack = try gateway.get("/?id=1%27%20OR%20%271%27=%271", Self.browser)
                try #require(attack.status == 403)
                return gateway.folder.read("waf.log").split(separator: "\n")
                    .contains { line in words.allSatisfy { line.contains($0) } }
            }
            #expect(isFound)
        }

        @Test func `An attack in a form is stopped before the origin`() throws {
            let (gateway, origin) = try Self.gateway()
            let attack = Self.form("email=%27%20OR%201%3D1--%20&password=x")
            #expect(try gateway.send(attack, method: "POST").status == 403)
            #expect(origin.requests.isEmpty)
        }

        @Test func `A strong password is not taken for an attack where people sign in`() throws {
            let (gateway, origin) = try Self.gateway()
            let form = Self.form(
                "email=ada%40example.com&password=%27%20OR%201%3D1--%20%3Cscript%3E"
            )
            #expect(try gateway.send(form, method: "POST").status == 200)
            #expect(origin.requests.count == 1)
        }

        @Test(arguments: [
            "/", "/events?artist=O%27Brien", "/search?q=union%20station%20select%20seats",
            "/?mail=a.b%2Bc%40example.org",
            "/?price=20-50&sort=-date", "/assets/app.3f2a.css",
        ])
        func `Ordinary visitors are left in peace`(target: String) throws {
            let (gateway, origin) = try Self.gateway()
            #expect(try gateway.get(target, Self.browser).status == 200)
            #expect(origin.requests.count == 1)
        }

        @Test func `An ordinary form arrives whole`() throws {
            let (gateway, origin) = try Self.gateway()
            let body = "user=maeve.obrien%40example.org&password=correct+horse+battery"
            #expect(try gateway.send(Self.form(body), method: "POST").status == 200)
            #expect(origin.requests.first?.text == body)
        }

        @Test func `In detection mode an attack is logged and passes`() throws {
            let (gateway, origin) = try Self.gateway(mode: "detect")
            #expect(try gateway.get("/?id=1%27%20OR%20%271%27=%271", Self.browser).status == 200)
            #expect(origin.requests.count == 1)
            #expect(gateway.logs("waf.log", "/"))
        }
    }
}
