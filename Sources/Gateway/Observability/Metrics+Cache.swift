/// What the cache holds, and how often it spares servers a request.
extension Metrics {
    func addCache(to text: inout MetricsText) {
        let cache = shared.cache.statistics
        text.gauge(
            "haniel_cache_bytes",
            "Memory of stored and arriving responses, and of evicted ones that are still being sent.",
            cache.usedBytes
        )
        text.gauge("haniel_cache_responses", "Responses stored.", cache.entryCount)
        text.head("haniel_cache_requests_total", "counter", "Requests looked up, by result.")
        text.sample("haniel_cache_requests_total", [("result", "hit")], cache.hits)
        text.sample("haniel_cache_requests_total", [("result", "miss")], cache.misses)
        text.counter("haniel_cache_stored_total", "Responses stored since the start.", cache.stores)
        text.counter(
            "haniel_cache_evicted_total",
            "Responses that made room for others.",
            cache.evictions
        )
    }
}
