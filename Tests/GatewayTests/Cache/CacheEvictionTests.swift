import HTTP
import Synchronization
import Testing

@testable import Gateway

@Suite struct CacheEvictionTests {
    private static let fields = ["Cache-Control: public, max-age=60"]

    private func story(totalBytes: Int, shardCount: Int = 1) -> OriginStory {
        OriginStory(ResponseCache(limits: .init(totalBytes: totalBytes), shardCount: shardCount))
    }

    @Test
    func `What is asked for again outlives what is not`() throws {
        let origin = story(totalBytes: 20_000)
        let body = String(repeating: "x", count: 1000)
        #expect(try origin.store("/wanted", Self.fields, body: body))
        for number in 0..<100 {
            #expect(try origin.hit(try Heads.get("/wanted")) != nil)
            #expect(try origin.store("/once/\(number)", Self.fields, body: body))
        }
        let statistics = origin.cache.statistics
        #expect(statistics.evictions > 80)
        #expect(statistics.usedBytes <= 20_000)
        #expect(try origin.hit(try Heads.get("/once/99")) != nil)
        #expect(try origin.hit(try Heads.get("/once/0")) == nil)
    }

    @Test
    func `A reader keeps the bytes of an entry that is evicted`() throws {
        let origin = story(totalBytes: 20_000)
        #expect(try origin.store("/a", Self.fields, body: "kept"))
        let hit = try #require(try origin.hit(try Heads.get("/a")))
        let request = try Heads.get("/a")
        withExtendedLifetime(request) {
            #expect(origin.cache.invalidate(origin.key(request)) == 1)
        }
        #expect(origin.cache.statistics.storedBytes == 0)
        #expect(origin.cache.statistics.usedBytes == hit.entry.costBytes)
        #expect(hit.body.string == "kept")
    }

    @Test
    func `Slow readers of evicted entries cannot empty the cache`() throws {
        let origin = story(totalBytes: 100_000, shardCount: 4)
        let body = String(repeating: "x", count: 4000)
        var held: [CacheHit] = []
        var refused = 0
        for number in 0..<100 {
            guard try origin.store("/\(number)", Self.fields, body: body) else {
                refused += 1
                continue
            }
            held.append(try #require(try origin.hit(try Heads.get("/\(number)"))))
        }
        #expect(refused > 0)
        #expect(origin.cache.statistics.usedBytes <= 100_000)
        #expect(origin.cache.statistics.storedBytes > 40_000)
        held.removeAll()
        #expect(origin.cache.statistics.usedBytes == origin.cache.statistics.storedBytes)
    }

    @Test
    func `One response gets no more than an eighth of the memory`() throws {
        let origin = story(totalBytes: 80_000)
        #expect(try !origin.store("/a", Self.fields, body: String(repeating: "x", count: 10_001)))
        #expect(try origin.store("/a", Self.fields, body: String(repeating: "x", count: 10_000)))
    }

    @Test
    func `A cache without memory stores nothing and answers nothing`() throws {
        let origin = story(totalBytes: 0)
        #expect(try !origin.store("/a", Self.fields, body: ""))
        #expect(try origin.forwarding(try Heads.get("/a")).reason == .uriMiss)
    }

    /// Plays random turns against a plain model: what the index says is there must be there, in whatever order.
    @Test(arguments: [1, 2, 3, 4])
    func `However entries come and go, the index and the memory agree`(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let origin = story(totalBytes: 60_000, shardCount: 2)
        for _ in 0..<3000 {
            let target = "/\(random.next() % 40)"
            let language = "l\(random.next() % 3)"
            switch random.next() % 8 {
            case 0, 1:
                let request = try Heads.get(target)
                withExtendedLifetime(request) { _ = origin.cache.invalidate(origin.key(request)) }
            case 2, 3: _ = try origin.hit(try Heads.get(target, ["Accept-Language: \(language)"]))
            default:
                let request = try Heads.get(target, ["Accept-Language: \(language)"])
                guard try origin.hit(request) == nil else { continue }
                let body = String(repeating: "x", count: Int(random.next() % 4000))
                _ = try origin.add(request, Self.fields + ["Vary: Accept-Language"], body: body)
                #expect(try origin.hit(request)?.body.count == body.utf8.count)
            }
            let statistics = origin.cache.statistics
            #expect(statistics.usedBytes == statistics.storedBytes)
            #expect(statistics.usedBytes <= 60_000)
        }
        #expect(origin.cache.statistics.evictions > 100)
        _ = origin.cache.sweep(now: 1 << 40)
        #expect(origin.cache.statistics.entryCount == 0)
        #expect(origin.cache.statistics.usedBytes == 0)
    }

    @Test
    func `Workers share one cache`() async throws {
        let cache = ResponseCache(limits: .init(totalBytes: 200_000), shardCount: 4)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    let origin = OriginStory(cache)
                    var random = SplitMix(state: UInt64(worker))
                    for _ in 0..<2000 {
                        let request = try Heads.get("/\(random.next() % 100)")
                        if let hit = try origin.hit(request) {
                            #expect(hit.body.string == request.target.path.string)
                        } else {
                            guard
                                let writer = try? origin.writer(
                                    request,
                                    Self.fields + ["Transfer-Encoding: chunked"]
                                )
                            else { continue }
                            writer.append(request.target.path)
                            _ = writer.finish()
                        }
                        if random.next() % 50 == 0 { _ = cache.invalidate(origin.key(request)) }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(cache.statistics.usedBytes == cache.statistics.storedBytes)
        #expect(cache.statistics.hits > 1000)
    }
}

/// A small generator with a seed, so that a failing run can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
