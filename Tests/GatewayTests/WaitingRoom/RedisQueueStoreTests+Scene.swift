import Redis
import Testing

@testable import Gateway

extension QueueRules {
    /// A busy machine is no outage, and loses nobody's turn.
    static func patient(_ settings: WaitingRoomSettings) -> QueueRules {
        var rules = QueueRules(settings)
        rules.outageMilliseconds = 1_000_000
        rules.reservationMilliseconds = 60_000
        return rules
    }
}

/// Gateways and visitors of the tests of this suite.
extension RedisQueueStoreTests {
    func settings(capacity: Int) -> WaitingRoomSettings {
        var settings = WaitingRoomSettings(name: "shared")
        settings.capacity = capacity
        settings.ratePerSecond = 10_000
        settings.burst = 1_000
        settings.sessionSeconds = 60
        return settings
    }

    func store(_ redis: RedisServer, capacity: Int, node: Int64 = 1) -> RedisQueueStore {
        RedisQueueStore(
            settings: settings(capacity: capacity),
            redis: redis,
            node: node,
            rules: .patient(settings(capacity: capacity))
        ) { _ in await Task.yield() }
    }

    func turn(_ place: QueuePlace, now: Int64) -> QueueTurn {
        QueueTurn(
            place: place,
            session: SessionID(high: 9, low: UInt64(place.position)),
            aliveUntil: now + 8_000
        )
    }

    /// Redis' own time, which gateways with a good clock share.
    func time(_ redis: RedisServer) -> Int64 {
        guard case .array(let parts) = redis.command("TIME"), case .bulk(let seconds)? = parts.first
        else { return 0 }
        return (Int64(String(decoding: seconds, as: UTF8.self)) ?? 0) * 1_000
    }

    /// Stops Redis' time, so that a busy machine makes no place silent; says what it is.
    func stopTime(_ redis: RedisServer, _ stores: [RedisQueueStore]) async throws -> Int64 {
        for store in stores { try await store.open() }
        // Later than the room was made, whose own times begin with its clock.
        let now = time(redis) + 1_000
        let clock = "local function clock() return tonumber(redis.call('GET', 'clock')) end\n"
        let load = ["FUNCTION", "LOAD", "REPLACE"].map { Array($0.utf8) }
        _ = try await redis.command(load + [RedisQueueFunctions.library(clock: clock)])
        _ = redis.command("SET", "clock", "\(now)")
        return now
    }

    func calls(_ redis: RedisServer) -> Int {
        guard case .bulk(let bytes) = redis.command("INFO", "commandstats") else { return 0 }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").reduce(0) {
            sum,
            line in
            guard let start = line.firstRange(of: "calls=") else { return sum }
            return sum + (Int(line[start.upperBound...].prefix { $0.isNumber }) ?? 0)
        }
    }
}
