import Testing

@testable import Ticketing

struct NameTests {
    @Test(arguments: [
        ("Ana", true), ("José da Conceição", true), ("李小龍", true), ("👩‍👩‍👧‍👦", true), ("", true),
        ("A\u{0}", false), ("\u{7}Ana", false), ("A\tB", false), ("A\nB", false), ("A\r\nB", false),
        ("A\u{7F}", false), ("A\u{85}B", false), ("A\u{2028}B", false), ("A\u{2029}B", false),
        ("A\u{202A}B", false), ("A\u{202E}B", false), ("A\u{2066}B", false), ("A\u{2069}B", false),
        ("א\u{200E}B", true), ("A\u{2065}B", true), ("A\u{202F}B", true),
    ])
    func
        `A name can be printed if it has no control characters, line breaks and turns of direction`(
            name: String,
            isPrintable: Bool
        )
    {
        #expect(name.isPrintable == isPrintable)
    }

    @Test(arguments: [
        ("Ana", true), ("", false), (" \u{3000}", false), ("\u{200B}", false), ("\u{3164}", false),
        ("\u{2800}\u{FE0F}", false), (String(repeating: "é", count: 120), true),
        (String(repeating: "é", count: 121), false), (String(repeating: "李", count: 120), true),
        ("A" + String(repeating: "\u{301}", count: 120), false),
    ])
    func `A name has 1 to 120 characters, of which one is to be seen`(name: String, isName: Bool) {
        #expect(name.isName == isName)
    }

    @Test func `Names that cannot be printed are refused wherever somebody gives one`() async throws {
        try await RunningShop.run { shop in
            let hold = try await shop.client.post(
                "/api/v1/events/evening/holds",
                json: #"{"seats":[0,1]}"#
            )
            let id = hold.member("id")
            let cart = ["cookie": hold.cookie, "idempotency-key": "a-key-for-an-order"]
            let admin = try await shop.signIn("root@example.com", role: .admin)
            let order = #"{"hold":"\#(id)","email":"a@example.com","#
            let asked: [(String, String, [String: String])] = [
                ("orders", order + #""holder":"A\u0000B"}"#, cart),
                ("orders", order + #""holders":["Ana","B\u001bB"]}"#, cart),
                ("orders", order + #""holder":"A\nB"}"#, cart),
                (
                    "users",
                    #"{"email":"b@example.com","name":"B\u0000","password":"long enough"}"#,
                    [:]
                ),
                (
                    "admin/events/evening/orders",
                    #"{"seats":["ST-A-9"],"email":"p@example.com","holder":"P\u0000"}"#, admin
                ),
            ]
            for (path, json, headers) in asked {
                let answer = try await shop.client.post("/api/v1/\(path)", json: json, headers)
                #expect(answer.status == 422, "\(path) \(json)")
                #expect(answer.member("type") == "invalid-text")
                #expect(answer.member("detail").contains("control characters"))
                #expect(answer["content-type"] == "application/problem+json")
            }
            let blank = try await shop.client.post(
                "/api/v1/orders",
                json: order + #""holder":"\u3164"}"#,
                cart
            )
            #expect(blank.status == 400)
            let page = try await shop.client.post(
                "/checkout/\(id)",
                form: "email=a%40example.com&holder=A%00",
                cart
            )
            #expect(page.status == 422)
            #expect(page.body.contains("control characters"))
            #expect(try await shop.fixture.count("SELECT COUNT(*) FROM orders") == 0)
            let good = try await shop.client.post(
                "/api/v1/orders",
                json: order + #""holders":["Ana","Rui"]}"#,
                cart
            )
            #expect(good.status == 201)
        }
    }
}
