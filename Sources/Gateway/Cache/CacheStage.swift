import HTTP

/// Answers from the cache what routes allow, and stores what comes back from upstreams.
struct CacheStage {
    let cache: ResponseCache
    let date: DateField

    /// The stored answer to the request; nil sends it on, with the reason kept for `store`.
    ///
    /// An answer that will set a cookie of this visitor is neither taken from here nor kept.
    func lookUp(_ exchange: Exchange, _ route: Route) -> Response? {
        guard route.usesCache, !exchange.isPersonal, !exchange.wantsWebSocket else { return nil }
        let key = CacheKey(isSecure: exchange.isSecure, request: exchange.head)
        switch cache.answer(exchange.head, key: key, now: date.seconds) {
        case .hit(let hit):
            exchange.trace.cacheStatus = "hit"
            return Response(status: hit.status, source: .cached(hit))
        case .forward(let forwarding):
            exchange.forwarding = forwarding
            exchange.requestedAt = date.seconds
            return nil
        }
    }

    /// Drops what the answer to an unsafe request makes doubtful, on whatever route the request came: another one may
    /// have stored it (RFC 9111 section 4.4).
    func observe(_ response: Response, of exchange: Exchange) {
        guard cache.isInUse, !exchange.head.method.isSafe,
            case .upstream(let upstream) = response.source
        else { return }
        let key = CacheKey(isSecure: exchange.isSecure, request: exchange.head)
        cache.observe(upstream.head, to: exchange.head, key: key)
    }

    /// Prepares to store a response on its way to the client.
    func store(_ response: Response, of exchange: Exchange) {
        guard let forwarding = exchange.forwarding, case .upstream(let upstream) = response.source
        else { return }
        let key = CacheKey(isSecure: exchange.isSecure, request: exchange.head)
        upstream.cacheWriter = cache.writer(
            for: upstream.head,
            to: exchange.head,
            key: key,
            forwarding: forwarding,
            requestTime: exchange.requestedAt,
            now: date.seconds
        )
        let isStored = upstream.cacheWriter != nil
        exchange.trace.cacheStatus = isStored ? "stored" : "miss"
        upstream.cacheStatus = .forwarded(forwarding.reason, isStored: isStored)
    }
}
