import HTTP
import Testing

@testable import Gateway

@Suite struct ResponseCacheTests {
    private let origin = OriginStory()
    private static let fresh = ["Cache-Control: public, max-age=60"]

    @Test
    func `What was stored is served until its lifetime ends`() throws {
        let request = try Heads.get("/a")
        #expect(try origin.forwarding(request).reason == .uriMiss)
        #expect(try origin.add(request, Self.fresh, body: "one"))
        #expect(try origin.hit(request, now: 59)?.body.string == "one")
        #expect(try origin.forwarding(request, now: 60).reason == .stale)
        #expect(try origin.add(request, Self.fresh, body: "two", now: 60))
        #expect(try origin.hit(request, now: 61)?.body.string == "two")
        #expect(origin.cache.statistics.entryCount == 1)
    }

    @Test
    func `A cache is in use once somebody asks it for something that it may have`() throws {
        #expect(!origin.cache.isInUse)
        #expect(try origin.hit(try Heads.request("POST /a HTTP/1.1")) == nil)
        #expect(!origin.cache.isInUse)
        #expect(try origin.hit(try Heads.get("/a")) == nil)
        #expect(origin.cache.isInUse)
    }

    @Test
    func `A visitor with a cookie shares only what the origin calls public`() throws {
        let visitor = try Heads.get("/a", ["Cookie: id=1"])
        #expect(try origin.store("/a", ["Cache-Control: max-age=60"], body: "x"))
        #expect(try origin.hit(try Heads.get("/a")) != nil)
        #expect(try origin.forwarding(visitor).reason == .bypass)
        #expect(try origin.store("/a", Self.fresh, body: "x"))
        #expect(try origin.hit(visitor) != nil)
    }

    @Test
    func `HEAD is answered from a stored GET and stores nothing itself`() throws {
        let head = try Heads.request("HEAD /a HTTP/1.1")
        #expect(try origin.writer(head, Self.fresh + ["Content-Length: 3"]) == nil)
        #expect(try origin.store("/a", body: "abc"))
        #expect(try origin.hit(head)?.contentLength == 3)
    }

    static let variants: [(String, String, Bool)] = [
        ("Accept-Encoding: gzip, br", "Accept-Encoding: gzip, br", true),
        ("Accept-Encoding: gzip, br", "Accept-Encoding: gzip ,  br", true),
        ("Accept-Encoding: gzip, br", "Accept-Encoding: gzip\r\nAccept-Encoding: br", true),
        ("Accept-Encoding: gzip, br", "ACCEPT-ENCODING: gzip,br", true),
        ("Accept-Encoding: gzip, br", "Accept-Encoding: br, gzip", false),
        ("Accept-Encoding: gzip, br", "Accept-Encoding: gzip, br, zstd", false),
        ("Accept-Encoding: gzip, br", "Accept-Encoding: gzip", false),
        ("Accept-Encoding: gzip, br", "X-Other: 1", false),
        ("X-Other: 1", "X-Other: 2", true),
        ("X-Other: 1", "Accept-Encoding:", false),
        ("Accept-Encoding:", "Accept-Encoding:", true),
        ("X-Unknown: \"a, b\"", "X-Unknown: \"a,b\"", false),
        ("X-Unknown: a, b", "X-Unknown: a,b", true),
        ("X-Unknown: a b", "X-Unknown: a  b", false),
        ("X-Unknown: a", "x-unknown: a", true),
        ("X-Unknown: a", "X-Unknown: A", false),
        ("X-Unknown: a", "X-Other: a", false),
        ("X-Other: a", "X-Unknown: a", false),
        ("X-Unknown: a  b , c", "X-Unknown: a  b\t,c", true),
        ("X-Unknown: a ;  q=1", "X-Unknown: a ; q=1", false),
        ("X-Unknown: a", "Connection: x-unknown\r\nX-Unknown: a", false),
        ("Connection: x-unknown\r\nX-Unknown: a", "X-Other: a", true),
    ]

    @Test(arguments: variants)
    func `A response is selected by the fields that its Vary names`(
        stored: String,
        asked: String,
        isHit: Bool
    ) throws {
        let fields = Self.fresh + ["Vary: Accept-Encoding, X-Unknown"]
        #expect(try origin.store("/a", fields, request: [stored], body: "x"))
        let request = try Heads.get("/a", [asked])
        if isHit {
            #expect(try origin.hit(request) != nil)
        } else {
            #expect(try origin.forwarding(request).reason == .varyMiss)
        }
    }

    @Test(arguments: [("Accept", 1024), ("X-Unknown", 1024)])
    func `A value that is too long to be compared selects nothing`(name: String, limit: Int) throws {
        let fields = Self.fresh + ["Vary: \(name)"]
        let fitting = "\(name): \(String(repeating: "a", count: limit))"
        #expect(try origin.store("/a", fields, request: [fitting], body: "x"))
        #expect(try origin.hit(try Heads.get("/a", [fitting])) != nil)
        let half = "\(name): \(String(repeating: "b", count: limit / 2 + 1))"
        for long in [fitting + "a", "\(half)\r\n\(half)"] {
            let request = try Heads.get("/a", [long])
            #expect(try origin.forwarding(request).reason == .varyMiss)
            #expect(try !origin.add(request, fields, body: "x"))
        }
        #expect(try origin.hit(try Heads.get("/a", [fitting])) != nil)
    }

    @Test
    func `Variants live side by side, and the most recent that fits is served`() throws {
        for language in ["en", "es", "en"] {
            let request = try Heads.get("/a", ["Accept-Language: \(language)"])
            _ = try origin.add(
                request,
                Self.fresh + ["Vary: Accept-Language"],
                body: language,
                now: 0
            )
            #expect(try origin.hit(request, now: 0)?.body.string == language)
            if language == "es" { break }
        }
        #expect(origin.cache.statistics.entryCount == 2)
        #expect(try origin.hit(try Heads.get("/a", ["Accept-Language: en"]))?.body.string == "en")
        #expect(
            try origin.add(try Heads.get("/a", ["Accept-Language: fr"]), Self.fresh, body: "any")
        )
        #expect(origin.cache.statistics.entryCount == 1)
        #expect(try origin.hit(try Heads.get("/a", ["Accept-Language: en"]))?.body.string == "any")
    }

    @Test
    func `The number of variants is limited`() throws {
        let origin = OriginStory(ResponseCache(limits: .init(variants: 4)))
        for number in 0..<20 {
            let request = try Heads.get("/a", ["Accept-Language: l\(number)"])
            #expect(try origin.add(request, Self.fresh + ["Vary: Accept-Language"], body: "x"))
        }
        #expect(origin.cache.statistics.entryCount == 4)
        #expect(try origin.hit(try Heads.get("/a", ["Accept-Language: l19"])) != nil)
        #expect(
            try origin.forwarding(try Heads.get("/a", ["Accept-Language: l0"])).reason == .varyMiss
        )
    }

    static let unsafeResponses: [(String, Int, [String], [Bool])] = [
        ("POST", 200, [], [false, true, true]),
        ("PUT", 204, [], [false, true, true]),
        ("DELETE", 303, [], [false, true, true]),
        ("BREW", 200, [], [false, true, true]),
        ("POST", 201, ["Location: /b"], [false, false, true]),
        ("POST", 200, ["Content-Location: https://example.com/c?d"], [false, true, false]),
        ("POST", 200, ["Location: https://example.org/b"], [false, true, true]),
        ("POST", 400, [], [true, true, true]),
        ("POST", 500, [], [true, true, true]),
        ("GET", 200, ["Location: /b"], [true, true, true]),
        ("OPTIONS", 200, [], [true, true, true]),
    ]

    @Test(arguments: unsafeResponses)
    func `A successful unsafe request invalidates its URI and the ones it names`(
        method: String,
        status: Int,
        fields: [String],
        remaining: [Bool]
    ) throws {
        let targets = ["/a", "/b", "/c?d"]
        for target in targets { #expect(try origin.store(target, body: "x")) }
        let request = try Heads.request("\(method) /a HTTP/1.1")
        let response = try Heads.response(status, fields + ["Content-Length: 0"])
        origin.cache.observe(response, to: request, key: origin.key(request))
        let found = try targets.map { try origin.hit(try Heads.get($0)) != nil }
        #expect(found == remaining)
    }

    @Test
    func `What the origin answered before an invalidation is not stored after it`() throws {
        let request = try Heads.get("/a")
        let late = try #require(try origin.writer(request, Self.fresh + ["Content-Length: 0"]))
        _ = origin.cache.invalidate(origin.key(request))
        #expect(!late.finish())
        #expect(try origin.hit(request) == nil)
        #expect(try origin.add(request, Self.fresh, body: ""))
    }

    static let contents: [(String, [String], Bool)] = [
        ("Content-Length: 6", ["abc", "def"], true),
        ("Content-Length: 6", ["abc"], false),
        ("Content-Length: 6", ["abc", "defg"], false),
        ("Content-Length: 0", [], true),
        ("Transfer-Encoding: chunked", ["abc", "def"], true),
        ("Transfer-Encoding: chunked", [], true),
        ("Content-Length: 1025", [], false),
        ("Transfer-Encoding: chunked", [String(repeating: "x", count: 1024)], true),
        ("Transfer-Encoding: chunked", [String(repeating: "x", count: 1024), "y"], false),
    ]

    @Test(arguments: contents)
    func `Only a response that ended completely and is not too large is stored`(
        framing: String,
        parts: [String],
        isStored: Bool
    ) throws {
        let origin = OriginStory(ResponseCache(limits: .init(objectBytes: 1024)))
        let request = try Heads.get("/a")
        let writer = try origin.writer(request, Self.fresh + [framing])
        for part in parts { viewing(part) { writer?.append($0) } }
        #expect((writer?.finish() ?? false) == isStored)
        #expect(writer?.finish() ?? false == false)
        #expect(try origin.hit(request)?.body.string == (isStored ? parts.joined() : nil))
    }

    @Test
    func `A writer that is dropped leaves nothing behind`() throws {
        do {
            let writer = try origin.writer(
                try Heads.get("/a"),
                Self.fresh + ["Content-Length: 100000"]
            )
            #expect(writer?.isOpen == true)
            #expect(origin.cache.statistics.usedBytes > 100_000)
        }
        #expect(origin.cache.statistics.usedBytes == 0)
    }

    @Test
    func `Sweeping removes what is stale`() throws {
        #expect(try origin.store("/a", body: "x", now: 0))
        #expect(try origin.store("/b", body: "x", now: 30))
        #expect(origin.cache.sweep(now: 59) == 0)
        #expect(origin.cache.sweep(now: 60) == 1)
        #expect(origin.cache.statistics.entryCount == 1)
    }

    @Test
    func `Hits, misses, stores and bytes are counted`() throws {
        #expect(try origin.store("/a", body: "abc"))
        _ = try origin.hit(try Heads.get("/a"))
        _ = try origin.hit(try Heads.get("/a"))
        _ = try origin.hit(try Heads.request("POST /a HTTP/1.1"))
        let statistics = origin.cache.statistics
        #expect(statistics.hits == 2)
        #expect(statistics.misses == 1)
        #expect(statistics.stores == 1)
        #expect(statistics.evictions == 0)
        #expect(statistics.storedBytes == statistics.usedBytes)
        #expect(statistics.storedBytes > CacheEntry.overheadBytes)
    }
}
