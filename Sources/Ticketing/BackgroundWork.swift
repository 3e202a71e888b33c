import Logging

/// What goes on beside the requests: expiry, deliveries, refunds, reconciling, forgetting.
struct BackgroundWork: Sendable {
    let shop: Shop
    let logger: Logger

    /// Runs until the task is cancelled. One chore that fails is logged and tried again; it stops no other.
    func run() async {
        await withTaskCancellationHandler {
            await runChores()
        } onCancel: {
            shop.jobs.stream?.stopWaiting()
        }
    }

    private func runChores() async {
        let roles = shop.settings.roles
        await withDiscardingTaskGroup { group in
            group.addTask {
                await repeating("clock", every: shop.databaseClock.pause) {
                    try await shop.databaseClock.measure()
                }
            }
            if let exporter = shop.exporter {
                group.addTask {
                    await repeating("export", every: .seconds(10)) {
                        try await exporter.export(adding: await shop.figures())
                    }
                }
            }
            if roles.contains(.seats) {
                group.addTask {
                    await repeating("live", every: .milliseconds(250)) {
                        try await shop.live.work()
                    }
                }
            }
            await untilTimeIsRight()
            guard roles.contains(.worker) else { return }
            group.addTask {
                await repeating("sweep", every: .milliseconds(250)) {
                    _ = try await shop.sweeper.sweep()
                }
            }
            group.addTask {
                await repeating("jobs", every: .milliseconds(200)) {
                    _ = try await shop.jobs.work()
                }
            }
            if let stream = shop.jobs.stream {
                for _ in 0..<JobRunner.streamLaneCount {
                    group.addTask {
                        await repeating("stream", every: .milliseconds(1)) {
                            _ = try await shop.jobs.serve(stream)
                        }
                    }
                }
            }
            group.addTask {
                await repeating("deliveries", every: .milliseconds(500)) {
                    try await shop.till.work()
                }
            }
            group.addTask {
                await repeating("refunds", every: .seconds(1)) {
                    _ = try await shop.refundRunner.work()
                }
            }
            group.addTask {
                await repeating("reconcile", every: .seconds(5)) {
                    _ = try await shop.payments.reconcile()
                }
            }
            group.addTask {
                await repeating("purge", every: .seconds(600)) { try await shop.purge.run() }
            }
        }
    }

    /// Waits until it is known by which time holds, orders and jobs end.
    private func untilTimeIsRight() async {
        let start = ContinuousClock.now
        var isSaid = false
        while !shop.databaseClock.isRight, !Task.isCancelled {
            if !isSaid, start.duration(to: .now) > .seconds(10) {
                isSaid = true
                logger.warning("the database has not told its time yet; until then nothing ends")
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    private func repeating(
        _ name: String,
        every interval: @autoclosure @Sendable () -> Duration,
        _ chore: @escaping @Sendable () async throws -> Void
    ) async {
        while !Task.isCancelled {
            do {
                try await chore()
            } catch  where Task.isCancelled {
                return
            } catch {
                logger.error(
                    "a background chore failed",
                    metadata: ["chore": "\(name)", "error.message": "\(error)"]
                )
                try? await Task.sleep(for: .seconds(1))
            }
            try? await Task.sleep(for: interval())
        }
    }
}
