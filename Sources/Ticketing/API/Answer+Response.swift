import HTTPTypes
import Hummingbird

extension Answer {
    /// The answer as a personal, uncached JSON response.
    var response: Response {
        var response = Response.json(status: status, bytes: body, cache: .personal)
        if isReplay, let name = HTTPField.Name.idempotencyReplayed {
            response.headers[name] = "true"
        }
        return response
    }
}

/// Who may keep a response, and for how long.
enum CachePolicy: String, Sendable {
    /// Belongs to one visitor.
    case personal = "private, no-store"
    /// The same for everybody, and good for a second: enough for a shared cache to carry a rush.
    case shared = "public, max-age=1, s-maxage=1, stale-while-revalidate=5"
    /// The same for everybody; a list may be a few seconds old.
    case listed = "public, max-age=5, s-maxage=5, stale-while-revalidate=30"
    /// The same for everybody, changes rarely.
    case settled = "public, max-age=300"
    /// Its address changes whenever it does.
    case immutable = "public, max-age=31536000, immutable"
}

extension Response {
    /// A JSON response.
    static func json(status: Int = 200, bytes: [UInt8], cache: CachePolicy) -> Response {
        bytesResponse(status, bytes, type: "application/json", cache: cache)
    }

    /// A JSON response.
    static func json(status: Int = 200, _ value: some Encodable, cache: CachePolicy = .personal)
        -> Response
    {
        json(status: status, bytes: JSON.encode(value), cache: cache)
    }

    /// An HTML page.
    static func page(_ html: String, status: Int = 200, cache: CachePolicy = .personal) -> Response {
        bytesResponse(status, Array(html.utf8), type: "text/html; charset=utf-8", cache: cache)
    }

    /// Any bytes with their media type.
    static func bytesResponse(_ status: Int, _ bytes: [UInt8], type: String, cache: CachePolicy)
        -> Response
    {
        Response(
            status: .init(code: status),
            headers: [.contentType: type, .cacheControl: cache.rawValue],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    /// The same for everybody, with a validator; an empty 304 if the client has it already.
    static func validated(
        _ request: Request,
        etag: String,
        type: String,
        cache: CachePolicy,
        _ bytes: @autoclosure () -> [UInt8]
    ) -> Response {
        let known = request.headers[values: .ifNoneMatch].flatMap { $0.split(separator: ",") }
        let isKnown = known.contains { candidate in
            let trimmed = candidate.filter { $0 != " " }
            return trimmed == "*" || trimmed == etag || trimmed == "W/\(etag)"
        }
        var response =
            isKnown
            ? Response(status: .notModified, headers: [.cacheControl: cache.rawValue])
            : bytesResponse(200, bytes(), type: type, cache: cache)
        response.headers[.eTag] = etag
        return response
    }

    /// Tells the gateway that a visitor who has just paid needs the place in the sale no longer.
    mutating func freePlace(after order: Order, at now: Milliseconds) {
        guard order.state == .paid, let paidAt = order.paidAt, now - paidAt < Span.minute,
            let name = HTTPField.Name.waitingRoomCommand
        else { return }
        headers[name] = "revoke"
    }

    /// Sends a browser on with GET. `path` is one of ours.
    static func seeOther(_ path: String) -> Response {
        Response(
            status: .seeOther,
            headers: [.location: path, .cacheControl: CachePolicy.personal.rawValue]
        )
    }
}
