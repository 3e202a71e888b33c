/// A figure that is read when somebody asks, in place of being counted as it happens.
struct Figure: Sendable, Equatable {
    enum Kind: String {
        /// Goes up alone, until the process ends.
        case counter
        case gauge
    }

    let name: String
    let kind: Kind
    let value: Int

    /// What metrics are measured in, as OpenTelemetry writes it.
    var unit: String { name.hasSuffix("_seconds") ? "s" : "1" }
}

extension Shop {
    /// What metrics tell besides what is counted. What cannot be read now is left out: a 0 in its place would call
    /// alerts off.
    func figures() async -> [Figure] {
        let statistics = database.statistics
        let stored = try? await storedFigures()
        return [
            Figure(name: "bookme_commits_total", kind: .counter, value: statistics.commitCount),
            Figure(name: "bookme_writes_total", kind: .counter, value: statistics.writeCount),
            Figure(
                name: "bookme_writes_refused_total",
                kind: .counter,
                value: statistics.refusedCount
            ),
            Figure(name: "bookme_writes_waiting", kind: .gauge, value: statistics.waitingCount),
            Figure(name: "bookme_live_viewers", kind: .gauge, value: live.viewerCount),
            Figure(name: "bookme_database_up", kind: .gauge, value: stored == nil ? 0 : 1),
        ] + (stored ?? [])
    }

    private func storedFigures() async throws -> [Figure] {
        let jobs = try await jobs.depth()
        let refunds = try await refundRunner.depth()
        return [
            Figure(name: "bookme_jobs_waiting", kind: .gauge, value: jobs.waiting),
            Figure(
                name: "bookme_jobs_oldest_due_seconds",
                kind: .gauge,
                value: Int(jobs.oldestDue / Span.second)
            ),
            Figure(name: "bookme_jobs_dead", kind: .gauge, value: jobs.dead),
            Figure(name: "bookme_refunds_waiting", kind: .gauge, value: refunds.waiting),
            Figure(
                name: "bookme_refunds_on_their_way",
                kind: .gauge,
                value: refunds.onTheirWay
            ),
            Figure(name: "bookme_refunds_dead", kind: .gauge, value: refunds.dead),
        ]
    }
}
