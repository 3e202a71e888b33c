import Foundation
import Testing

@testable import Rules

/// The policy that comes with the product, over Debian's Core Rule Set.
@Suite(
    .enabled(
        if: FileManager.default.fileExists(atPath: "/usr/share/modsecurity-crs/owasp-crs.load"),
        "the package modsecurity-crs is not installed"
    )
)
struct DefaultPolicyTests {
    private static let loaded = Result { () throws(RuleSetError) in
        try RuleSet.load([PackageFolder.path + "/rules/main.conf"])
    }

    private static func run(_ request: Request) throws -> Exchange {
        Exchange(try loaded.get(), request)
    }

    private static func post(_ target: String, _ type: String, _ body: String) -> Request {
        Request(
            method: "POST",
            target: target,
            headers: Request.browser + [
                ("Content-Type", type), ("Content-Length", "\(body.utf8.count)"),
            ],
            body: Array(body.utf8)
        )
    }

    @Test(arguments: [
        "/?q=1'+or+'1'='1", "/?q=<script>alert(1)</script>", "/?f=../../../etc/passwd",
        "/?q=;cat+/etc/passwd", "/internal/session", "/%69nternal//session",
    ])
    func `An attack is refused`(target: String) throws {
        #expect(try Self.run(Request(target: target)).interruption != nil)
    }

    /// What databases take for a space, and what careless decoders take for other characters.
    @Test(arguments: [
        "/?q='%a0or%a0'a'%3d'a", "/?q=1%a0union%a0all%a0select%a0null,null--",
        "/?q=%c0%bciframe%20src=x", "/?q=%e0%80%bcscript%e0%80%bealert(1)",
    ])
    func `An attack in strange bytes is refused`(target: String) throws {
        #expect(try Self.run(Request(target: target)).interruption != nil)
    }

    @Test(arguments: [
        ("application/json", #"{"z":NaN,"a":"<b>"}"#),
        ("application/json", String(repeating: "[", count: 80) + String(repeating: "]", count: 80)),
        ("application/x-www-form-urlencoded", String(repeating: "a=1&", count: 2001) + "b=2"),
        ("application/xml", "<a><b></a>"),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1"
        ),
        ("multipart/form-data", "--x\r\n\r\n1\r\n--x--\r\n"),
        (
            "multipart/form-data; boundary=x; boundary=y",
            "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--\r\n"
        ),
        ("application/xml", "<!DOCTYPE a [<!ENTITY b '<c'>]><a>&b;</a>"),
    ])
    func `A body that cannot be read is refused`(type: String, body: String) throws {
        let exchange = try Self.run(Self.post("/e/x/holds", type, body))
        #expect(exchange.interruption?.status == 400, "\(exchange.ids)")
    }

    /// `docs/openapi.yaml` promises them.
    @Test func `The longest contents of the service are no attack`() throws {
        let qr = String(repeating: "A", count: 200), gate = String(repeating: "N", count: 40)
        let scan =
            #"{"qr":"\#(qr)","gate":"\#(gate)","event":"the-last-dance","at":"2027-03-01T20:00:00Z"}"#
        let seats = (1...5000).map { #""STALLS-\#($0 / 100)-\#($0 % 100)""# }
        let rows = Array(repeating: #"["1","2"]"#, count: 20_000)
        for (target, key, values) in [
            ("/api/v1/checkins/batch", "scans", Array(repeating: scan, count: 500)),
            ("/api/v1/admin/events/x/blocks", "seats", seats),
            ("/api/v1/admin/maps", "rows", rows),
        ] {
            let list = #"{"\#(key)":[\#(values.joined(separator: ","))]}"#
            let exchange = try Self.run(Self.post(target, "application/json", list))
            #expect(exchange.interruption == nil, "\(target): \(exchange.ids)")
        }
    }

    @Test(arguments: ["/login", "/register", "/reset", "/api/v1/password-resets/abc"])
    func `A password may look like an attack`(target: String) throws {
        let body = "password=%27+OR+1%3D1+--+%3Cscript%3E"
        let request = Self.post(target, "application/x-www-form-urlencoded", body)
        #expect(try Self.run(request).ids == [])
    }

    @Test func `No body at all is no mistake, whatever its type`() throws {
        let types = ["application/json", "application/xml", "application/x-www-form-urlencoded"]
        for type in types {
            #expect(try Self.run(Self.post("/api/v1/holds", type, "")).ids == [])
        }
    }

    @Test(arguments: [
        "/", "/e/coldplay-2026", "/e/coldplay-2026/holds", "/?artist=O'Brien", "/orders/AB12CD34",
        "/api/v1/events/coldplay-2026/seats?section=3",
    ])
    func `A visitor is let through`(target: String) throws {
        #expect(try Self.run(Request(target: target)).ids == [])
    }

    @Test func `A purchase is let through`() throws {
        let form = "application/x-www-form-urlencoded"
        #expect(
            try Self.run(Self.post("/e/coldplay-2026/holds", form, "seat=12&seat=13")).ids == []
        )
        #expect(
            try Self.run(Self.post("/login", form, "email=a%40b.example&password='+or+1%3D1--")).ids
                == []
        )
        let hold = #"{"seats":["A-1-1","A-1-2"]}"#
        #expect(
            try Self.run(Self.post("/api/v1/events/x/holds", "application/json", hold)).ids == []
        )
        var release = Request(target: "/api/v1/holds/01J9")
        release.method = "DELETE"
        #expect(try Self.run(release).ids == [])
    }

    @Test(arguments: [
        ("/e/x/holds", "application/x-www-form-urlencoded", "seat=1&price=1", 9_160_100),
        ("/api/v1/orders", "application/json", #"{"hold":"h","items":[{"amount":1}]}"#, 9_160_100),
        ("/e/x/holds", "application/x-www-form-urlencoded", "quantity=-1", 9_160_110),
        ("/e/x/holds", "application/x-www-form-urlencoded", "quantity=1&quantity=9", 9_160_120),
    ])
    func `An order that no page of the shop sends is refused`(
        target: String,
        type: String,
        body: String,
        id: Int
    ) throws {
        #expect(try Self.run(Self.post(target, type, body)).interruption?.ruleID == id)
    }

    @Test func `One address cannot take seats without end`() throws {
        let store = CollectionStore()
        let rules = try Self.loaded.get()
        let request = Self.post("/e/x/holds", "application/x-www-form-urlencoded", "seat=1")
        var last: Interruption?
        for _ in 0..<121 { last = Exchange(rules, request, collections: store).interruption }
        #expect(last?.status == 429)
    }

    @Test func `A level that the caller chose holds whatever the files say`() throws {
        let text = """
            SecAction "id:1,phase:1,pass,nolog,setvar:tx.blocking_paranoia_level=1"
            SecRule TX:blocking_paranoia_level "@ge 3" "id:2,phase:1,deny"
            """
        let rules = try RuleSet.load(text: text, name: "test.conf")
        #expect(Exchange(rules, Request()).interruption == nil)
        #expect(Exchange(rules, Request(), paranoia: 3).interruption?.ruleID == 2)
    }
}
