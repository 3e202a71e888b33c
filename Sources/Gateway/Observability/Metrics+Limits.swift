import Synchronization

/// What rate limits did; a limit that only counts is seen here and nowhere else.
extension Metrics {
    func addLimits(to text: inout MetricsText) {
        let policies = shared.snapshot?.limits ?? []
        guard !policies.isEmpty else { return }
        text.head(
            "haniel_rate_limit_exceeded_total",
            "counter",
            "Requests beyond a limit: refused, or let through where it only counts."
        )
        for policy in policies {
            text.sample(
                "haniel_rate_limit_exceeded_total",
                [("limit", policy.limit.name), ("enforced", policy.isDryRun ? "no" : "yes")],
                policy.exceeded.load(ordering: .relaxed)
            )
        }
    }
}
