import HTTP
import Testing

@testable import Gateway

/// A cache and the origin behind it, played by hand: what each answers to whom, at which second.
final class OriginStory {
    let cache: ResponseCache

    init(_ cache: ResponseCache = ResponseCache()) {
        self.cache = cache
    }

    func key(_ request: RequestHead) -> CacheKey {
        CacheKey(isSecure: true, request: request)
    }

    /// The hit for a request, nil when it has to go to the origin.
    func hit(_ request: RequestHead, now: Int = 0) throws -> CacheHit? {
        if case .hit(let hit) = cache.answer(request, key: key(request), now: now) { return hit }
        return nil
    }

    /// Why a request goes to the origin; fails on a hit.
    func forwarding(_ request: RequestHead, now: Int = 0) throws -> ResponseCache.Forwarding {
        guard case .forward(let forwarding) = cache.answer(request, key: key(request), now: now)
        else {
            throw Unexpected.hit
        }
        return forwarding
    }

    enum Unexpected: Error {
        case hit
    }

    /// A writer for what the origin answers to a request that missed.
    func writer(
        _ request: RequestHead,
        status: Int = 200,
        _ fields: [String],
        now: Int = 0
    ) throws -> CacheWriter? {
        cache.writer(
            for: try Heads.response(status, fields),
            to: request,
            key: key(request),
            forwarding: try forwarding(request, now: now),
            requestTime: now,
            now: now
        )
    }

    /// Lets the origin answer a GET, whatever was stored before; whether the answer is stored now.
    @discardableResult
    func store(
        _ target: String,
        status: Int = 200,
        _ fields: [String] = ["Cache-Control: max-age=60"],
        request lines: [String] = [],
        body: String,
        now: Int = 0
    ) throws -> Bool {
        let request = try Heads.get(target, lines)
        _ = cache.invalidate(key(request))
        return try add(request, status: status, fields, body: body, now: now)
    }

    /// Lets the origin answer a GET that misses; whether the answer is stored now.
    func add(
        _ request: RequestHead,
        status: Int = 200,
        _ fields: [String],
        body: String,
        now: Int = 0
    ) throws -> Bool {
        let length = "Content-Length: \(body.utf8.count)"
        guard let writer = try writer(request, status: status, fields + [length], now: now) else {
            return false
        }
        viewing(body) { writer.append($0) }
        return writer.finish()
    }
}
