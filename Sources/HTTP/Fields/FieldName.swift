/// A field name that the gateway knows; every other name is `.other` and is compared by its bytes.
///
/// Names are recognised once, while parsing, so that later stages compare one byte. The order is that of
/// `FieldName.texts`, which holds the spelling.
public enum FieldName: UInt8, CaseIterable, Sendable {
    case other
    // Routing, framing and connection.
    case host, connection, contentLength, transferEncoding, upgrade, te, trailer, keepAlive, expect,
        via, maxForwards
    case http2Settings, proxyConnection, proxyAuthenticate, proxyAuthorization, cdnLoop, earlyData,
        priority
    // Who asks.
    case cookie, setCookie, authorization, wwwAuthenticate, userAgent, origin, referer
    case secFetchSite, secFetchMode, secFetchDest, secFetchUser, secCHUA, secCHUAMobile,
        secCHUAPlatform
    case upgradeInsecureRequests, dnt
    case forwarded, xForwardedFor, xForwardedProto, xForwardedHost, xForwardedPort, xForwardedURI,
        xForwardedPrefix
    case xRealIP, xOriginalURL, xRewriteURL, xHTTPMethodOverride, xHTTPMethod, xMethodOverride,
        xRequestedWith
    // Content and its negotiation.
    case accept, acceptEncoding, acceptLanguage, acceptCharset, acceptRanges
    case contentType, contentEncoding, contentLanguage, contentDisposition, contentLocation,
        contentRange
    case range, ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince, ifRange
    // Caching.
    case cacheControl, pragma, age, date, expires, etag, lastModified, vary, cacheStatus,
        surrogateControl, surrogateKey
    // Answers.
    case server, location, retryAfter, allow, link, altSvc, refresh
    case strictTransportSecurity, contentSecurityPolicy, xContentTypeOptions, xFrameOptions,
        referrerPolicy
    case accessControlAllowOrigin, accessControlAllowCredentials, accessControlAllowHeaders,
        accessControlAllowMethods
    case accessControlExposeHeaders, accessControlMaxAge, accessControlRequestHeaders,
        accessControlRequestMethod
    // Tracing, limits and the waiting room.
    case traceparent, tracestate, baggage, xRequestID, idempotencyKey, rateLimit, rateLimitPolicy
    case waitingRoom, waitingRoomCommand, waitingRoomInventory, waitingRoomTicket,
        xWaitingRoomSession, xWafRules
    // WebSocket.
    case secWebSocketKey, secWebSocketVersion, secWebSocketAccept, secWebSocketProtocol,
        secWebSocketExtensions

    /// The name in lower case; empty for `.other`.
    public var text: StaticString {
        FieldName.texts[Int(rawValue)]
    }
}
