import Rules

/// The classes of requests that an engine is measured with.
enum BenchRequests {
    static let all: [(name: String, request: RuleRequest)] = [
        ("GET", get("/events/42")),
        (
            "GET with 5 arguments",
            get("/search?q=piano+concert&city=Wien&from=2026-12-01&page=2&sort=date")
        ),
        ("form, 1 KB", form), ("JSON, 120 values, 8 KB", json(count: 120, length: 48)),
        ("JSON, 460 values, 8 KB", json(count: 460, length: 4)),
    ]

    private static let browser: [(String, String)] = [
        ("Host", "shop.example.com"),
        (
            "User-Agent",
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        ), ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
        ("Accept-Language", "en-GB,en;q=0.5"), ("Accept-Encoding", "gzip, deflate, br"),
        ("Referer", "https://shop.example.com/events"), ("Connection", "keep-alive"),
        ("Upgrade-Insecure-Requests", "1"),
        (
            "Cookie",
            "sid=8f14e45fceea167a5a36dedd4bea2543; consent=all; lang=en; cart=0c5a7e1b4d2f4f6f; seen=42,57,61,99"
        ),
    ]

    private static func get(_ target: String) -> RuleRequest {
        var request = RuleRequest()
        request.target = Array(target.utf8)
        request.headers = browser.map { (Array($0.0.utf8), Array($0.1.utf8)) }
        request.responseHeaders = [(Array("Content-Type".utf8), Array("text/html".utf8))]
        request.responseBody = Array(String(repeating: "<p>A quiet answer.</p>\n", count: 22).utf8)
        return request
    }

    private static func post(_ target: String, _ type: String, _ body: String) -> RuleRequest {
        var request = get(target)
        request.method = Array("POST".utf8)
        request.body = Array(body.utf8)
        request.headers.append((Array("Content-Type".utf8), Array(type.utf8)))
        request.headers.append((Array("Content-Length".utf8), Array("\(request.body.count)".utf8)))
        return request
    }

    private static let form = post(
        "/checkout",
        "application/x-www-form-urlencoded",
        (0..<12).map { "field\($0)=" + String(repeating: "Some+ordinary+words+", count: 4) }
            .joined(separator: "&")
    )

    private static func json(count: Int, length: Int) -> RuleRequest {
        let members = (0..<count).map { index in
            "\"name\(index)\":\"v\(index)\(String(repeating: "x", count: length))\""
        }
        return post("/api/orders", "application/json", "{\(members.joined(separator: ","))}")
    }
}
