import Rules
import Testing

/// The folder of the package, from where this file stands.
enum PackageFolder {
    static let path: String = {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(3)
        return parts.joined(separator: "/")
    }()
}

/// The supplied rules, loaded once.
enum StarterRules {
    static let loaded = Result { () throws(RuleSetError) in
        try RuleSet.load([PackageFolder.path + "/rules/starter.conf"])
    }
}

@Suite struct StarterRulesTests {
    private static func form(_ body: String) -> Request {
        Request(
            method: "POST",
            target: "/checkout",
            headers: Request.browser + [("Content-Type", "application/x-www-form-urlencoded")],
            body: Array(body.utf8)
        )
    }

    private static func json(_ body: String) -> Request {
        Request(
            method: "POST",
            target: "/api/orders",
            headers: Request.browser + [("Content-Type", "application/json")],
            body: Array(body.utf8)
        )
    }

    private static func argument(_ encoded: String) -> Request {
        Request(target: "/search?q=" + encoded)
    }

    private static func header(_ name: String, _ value: String) -> Request {
        Request(headers: Request.browser.filter { $0.0 != name } + [(name, value)])
    }

    @Test func `The supplied rules load without problems`() throws {
        let rules = try StarterRules.loaded.get()
        #expect(rules.warnings == [])
        #expect(rules.mode == .on)
        #expect(rules.requestBodyAccess)
    }

    @Test(arguments: [
        "'%20OR%201=1--", "1'%20or%20'1'='1", "%22%20or%20%22a%22=%22a",
        "1%20UNION%20SELECT%20null,null",
        "1+union+all+select+1,2,3", "1/**/union/**/select/**/password/**/from/**/users",
        "1%20%75nion%20select%201",
        "%2527%2520or%25201%253D1--", "1;%20drop%20table%20users", "1;exec%20xp_cmdshell('dir')",
        "1%20and%20sleep(5)",
        "1'%20waitfor%20delay%20'0:0:5'--", "benchmark(10000000,md5(1))", "pg_sleep(10)",
        "admin'--", "1'%20%23",
        "(select%20table_name%20from%20information_schema.tables)",
        "1%20/*!50000union*/%20select%201",
        "un/**/ion%20select",
        "1'%20order%20by%2010--", "1%20or%20true--",
        "1'%20and%20extractvalue(1,concat(0x7e,version()))--",
    ])
    func `SQL in an argument is refused`(value: String) throws {
        #expect(
            Exchange(try StarterRules.loaded.get(), Self.argument(value)).interruption?.status
                == 403
        )
    }

    @Test(arguments: [
        "%3Cscript%3Ealert(1)%3C/script%3E", "<img%20src=x%20onerror=alert(1)>",
        "javascript:alert(1)",
        "JaVaScRiPt%3Aalert(1)", "java%09script:alert(1)", "%22%20onmouseover=%22alert(1)",
        "<svg/onload=alert(1)>",
        "<ScRiPt%20src=//example.org/x>", "%253Cscript%253Ealert(1)",
        "&lt;script&gt;alert(1)".replacing("&", with: "%26"),
        "<iframe%20src=x>", "data:text/html;base64,PHNjcmlwdD4=", "document.cookie",
        "<body%20onload=alert(1)>",
    ])
    func `A script in an argument is refused`(value: String) throws {
        #expect(
            Exchange(try StarterRules.loaded.get(), Self.argument(value)).interruption?.status
                == 403
        )
    }

    @Test(arguments: [
        "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd",
        "/..%252f..%252fetc/passwd",
        "/static/..%c0%af../x", "/show?file=../../etc/passwd", "/show?file=..%5c..%5cboot.ini",
        "/show?file=/etc/shadow",
        "/show?file=php://filter/convert.base64-encode", "/a%00.php", "/.git/config",
        "/wp-login.php",
        "/show?%2e%2e%2fx=1",
        "/show?q=$%7Bjndi:ldap://x%7D", "/show?q=a%0d%0aSet-Cookie:%20x=1",
    ])
    func `A hostile path or file name is refused`(target: String) throws {
        #expect(
            Exchange(try StarterRules.loaded.get(), Request(target: target)).interruption?.status
                == 403
        )
    }

    @Test(arguments: [
        "sqlmap/1.7", "Mozilla/5.00 (Nikto/2.1.6)",
        "Mozilla/5.0 (compatible; Nmap Scripting Engine)", "WPScan v3",
    ])
    func `An attack tool is refused by its name`(agent: String) throws {
        let exchange = Exchange(try StarterRules.loaded.get(), Self.header("User-Agent", agent))
        #expect(exchange.interruption?.status == 403)
        #expect(exchange.ids.contains(9_120_100))
    }

    @Test(arguments: [
        ("Cookie", "id=1' or '1'='1"), ("Cookie", "x=<script>alert(1)</script>"),
        ("Cookie", "f=../../etc/passwd"),
        ("Referer", "https://example.org/?q=<script>"),
        ("User-Agent", "a' or 1=1 union select 1,2 from users--"),
        ("User-Agent", "${jndi:ldap://example.org/a}"),
        ("Cookie", "a%27=1; sess=1 union select password from users"),
    ])
    func `An attack in a header field is refused`(name: String, value: String) throws {
        #expect(
            Exchange(try StarterRules.loaded.get(), Self.header(name, value)).interruption?.status
                == 403
        )
    }

    @Test(arguments: [
        "name=x&q=1'+or+1%3D1--", "comment=%3Cscript%3E", "file=..%2f..%2fetc%2fpasswd",
        "q[<script>]=1",
    ])
    func `An attack in a form is refused`(body: String) throws {
        #expect(
            Exchange(try StarterRules.loaded.get(), Self.form(body)).interruption?.status == 403
        )
    }

    @Test(arguments: [
        #"{"seat":"A1","note":"1' or '1'='1"}"#, #"{"a":[{"b":"\u003cscript\u003ealert(1)"}]}"#,
        #"{"x' union select 1,2":1}"#,
        #"{"file":"..\/..\/etc\/passwd"}"#,
    ])
    func `An attack in JSON is refused`(body: String) throws {
        #expect(
            Exchange(try StarterRules.loaded.get(), Self.json(body)).interruption?.status == 403
        )
    }

    @Test func `Broken JSON is refused`() throws {
        let exchange = Exchange(try StarterRules.loaded.get(), Self.json(#"{"broken":"#))
        #expect(exchange.interruption?.status == 400)
    }

    @Test func `An attack in a multipart field is refused`() throws {
        let body =
            "--b\r\nContent-Disposition: form-data; name=\"q\"\r\n\r\n1' or '1'='1\r\n--b--\r\n"
        let request = Request(
            method: "POST",
            headers: Request.browser + [("Content-Type", "multipart/form-data; boundary=b")],
            body: Array(body.utf8)
        )
        #expect(Exchange(try StarterRules.loaded.get(), request).interruption?.status == 403)
    }

    @Test(arguments: ["TRACE", "CONNECT", "FOO", "get"])
    func `An unusual method is refused`(method: String) throws {
        #expect(
            Exchange(try StarterRules.loaded.get(), Request(method: method)).interruption?.status
                == 403
        )
    }

    @Test func `A request without Host and User-Agent is refused`() throws {
        let request = Request(headers: [("Accept", "*/*")])
        #expect(Exchange(try StarterRules.loaded.get(), request).interruption?.ruleID == 9_190_100)
    }

    @Test(arguments: [
        "O'Brien", "union+station+select+seats", "maria.d%27angelo%2Btickets@example.com",
        "%E2%82%AC49.90",
        "49.90+EUR+(2+for+1)",
        "rock+%27n%27+roll", "Guns+N%27+Roses", "AC%2FDC", "drop+me+a+line",
        "select+your+seats;+then+pay", "10%25+off",
        "Simon+%26+Garfunkel", "5+%3C+6+and+7+%3E+3", "2026-05-01T20:00:00%2B02:00",
        "D%27Artagnan+and+friends",
        "order+by+phone", "C%23+minor", "script+writing+workshop", "what+is+on+=+tonight%3F",
        "1+or+2+tickets",
        "Row+A+or+B", "Zo%C3%AB+and+Ren%C3%A9e", "it%27s+5+o%27clock", "table+for+2--window+seat",
        "SGVsbG8gd29ybGQ%3D%3D",
        "https://www.example.com/a?b=c%26d=e", "insert+coin", "Update+your+profile+set",
        "either+1+or+2", "one...two",
        "a..b",
        "onload+festival", "JavaScript:+the+Good+Parts".replacing(":+", with: "+"), "50+%3D+fifty",
        "<3+this+band",
    ])
    func `An ordinary search is let through`(value: String) throws {
        let rules = try StarterRules.loaded.get()
        #expect(Exchange(rules, Self.argument(value)).ids == [])
        #expect(Exchange(rules, Self.form("q=" + value)).ids == [])
    }

    @Test(arguments: [
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15",
        "Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1",
        "curl/8.5.0", "Wget/1.21", "Go-http-client/2.0", "kube-probe/1.29", "okhttp/4.12.0",
    ])
    func `An ordinary client is let through`(agent: String) throws {
        #expect(Exchange(try StarterRules.loaded.get(), Self.header("User-Agent", agent)).ids == [])
    }

    @Test(arguments: [
        (
            "Cookie",
            "sid=5f2d8c1e; _ga=GA1.2.12345.1700000; consent={%22ads%22:true%2C%22v%22:2}; theme=dark"
        ),
        (
            "Cookie",
            "session=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.c2lnbmF0dXJl; cart=A-12,A-13"
        ),
        ("Referer", "https://www.google.com/search?q=coldplay+tickets&hl=en&ei=ab--cd"),
        ("Accept-Language", "de-CH, de;q=0.9, en;q=0.8, *;q=0.5"),
        ("If-None-Match", "W/\"5f2-1a\""),
    ])
    func `An ordinary header field is let through`(name: String, value: String) throws {
        #expect(Exchange(try StarterRules.loaded.get(), Self.header(name, value)).ids == [])
    }

    @Test func `A ticket order in JSON is let through`() throws {
        let order = #"""
            {"event":"coldplay-2026","seats":[{"section":"A12","row":14,"seat":7},{"section":"A12","row":14,"seat":8}],
            "buyer":{"name":"Siobhán O'Brien","email":"s.o'brien+tickets@example.com","phone":"+44 20 7946 0958"},
            "price":{"amount":149.90,"currency":"EUR","discount":null},
            "notes":"Wheelchair access & aisle seat; please call (before 6)!",
            "terms":true}
            """#
        let exchange = Exchange(try StarterRules.loaded.get(), Self.json(order))
        #expect(exchange.ids == [])
        #expect(exchange.interruption == nil)
    }

    @Test func `A file upload is let through`() throws {
        let body =
            "--xYz\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nFan photo\r\n"
            + "--xYz\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"me.jpg\"\r\n"
            + "Content-Type: image/jpeg\r\n\r\n\u{1}\u{2}binary--data\r\n--xYz--\r\n"
        let request = Request(
            method: "POST",
            headers: Request.browser + [("Content-Type", "multipart/form-data; boundary=xYz")],
            body: Array(body.utf8)
        )
        #expect(Exchange(try StarterRules.loaded.get(), request).ids == [])
    }

    @Test func `In detection mode attacks are reported and nothing is blocked`() throws {
        let exchange = Exchange(
            try StarterRules.loaded.get(),
            Self.argument("'%20OR%201=1--"),
            mode: .detectionOnly
        )
        #expect(exchange.interruption == nil)
        #expect(exchange.ids.contains(9_140_110))
        #expect(exchange.transaction.inboundScore >= 5)
    }

    @Test func `A request body beyond the limit is refused with 413`() throws {
        let body = [UInt8](repeating: 0x61, count: 1_048_577)
        let request = Request(
            method: "POST",
            headers: Request.browser + [("Content-Type", "text/plain")],
            body: body
        )
        #expect(Exchange(try StarterRules.loaded.get(), request).interruption?.status == 413)
    }
}
