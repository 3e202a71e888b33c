/// Gives back the seats of holds and orders whose time ran out.
///
/// Several processes may sweep one database: the compare-and-set on the row lets one of them win and the others do
/// nothing.
struct Sweeper: Sendable {
    /// How many rows one transaction takes, so that buyers never wait long for the sweeper.
    private static let batchLimit = 200

    let database: Database
    let orders: OrderDesk
    let clock: WallClock
    let metrics: Metrics

    /// Sweeps everything that is due and returns how many holds and orders ended.
    func sweep() async throws -> (holds: Int, orders: Int) {
        var total = (holds: 0, orders: 0)
        while true {
            let holds = try await sweepHolds()
            let orders = try await sweepOrders()
            total = (total.holds + holds, total.orders + orders)
            if holds < Self.batchLimit && orders < Self.batchLimit { break }
        }
        metrics.count("bookme_expired_total", ["kind": "hold"], by: total.holds)
        metrics.count("bookme_expired_total", ["kind": "order"], by: total.orders)
        return total
    }

    private func sweepHolds() async throws -> Int {
        let now = clock.now()
        let due = "SELECT id, event_id FROM holds WHERE state = 0 AND expires_at <= ? LIMIT"
        let isAnyDue = try await database.read { connection in
            try connection.first("\(due) 1", [now]) { try $0.integer(0) } != nil
        }
        guard isAnyDue else { return 0 }
        return try await database.write { connection in
            let rest = connection.dialect.forUpdateOfTheRest
            let holds = try connection.rows("\(due) \(Self.batchLimit)\(rest)", [now]) {
                (id: try $0.integer(0), event: try $0.integer(1))
            }
            try HoldRows.expire(holds, connection)
            return holds.count
        }
    }

    private func sweepOrders() async throws -> Int {
        let now = clock.now()
        let due = try await database.read { connection in
            try connection.rows(
                "SELECT id FROM orders WHERE state = 0 AND expires_at <= ? LIMIT \(Self.batchLimit)",
                [now]
            ) { try $0.integer(0) }
        }
        // All at once, so that they share commits.
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            for order in due { group.addTask { try await orders.close(order, .timeRanOut) } }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
    }
}
