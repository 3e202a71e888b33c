import Logging
import Redis
import Transport

/// Hands jobs from those who find them in the outbox to whichever worker is free, by a stream of Redis.
///
/// The outbox stays the truth: a message says only which row to look at and under which lease. A stream that is lost
/// costs half a minute, until the leases end and the jobs are published again; a message that comes twice finds that
/// its lease is no longer the row's, and is dropped.
final class JobStream: Sendable {
    /// What a message names.
    struct Notice: Sendable, Equatable {
        let job: Int64
        /// The row's `due_at` when it was published.
        let lease: Milliseconds
    }

    /// A message as a worker got it.
    struct Delivery: Sendable {
        let message: String
        let notice: Notice
    }

    private static let key = "bmh:jobs"
    private static let group = "workers"
    private static let lengthLimit = "100000"
    private static let waitMilliseconds = 2000
    /// After this long a worker that got a message is taken to have died.
    private static let idleMilliseconds = "30000"
    private static let batchLimit = "16"

    private let reactor: Reactor
    private let client: RedisClient
    /// Waits for messages, so that nothing else waits with it.
    private let reader: RedisClient
    private let consumer: String

    /// Connects, and goes on connecting while there is no Redis. `consumer` differs between processes.
    init(_ configuration: RedisConfiguration, consumer: String) throws {
        let reactor = try Reactor()
        client = RedisClient(configuration, on: reactor)
        var patient = configuration
        patient.commandTimeoutMilliseconds = max(
            configuration.commandTimeoutMilliseconds,
            UInt64(Self.waitMilliseconds) + 3000
        )
        reader = RedisClient(patient, on: reactor)
        self.reactor = reactor
        self.consumer = consumer
        try reactor.start()
    }

    /// Publishes jobs that were taken. Throws if Redis did not take all of them; those will be found again.
    func publish(_ notices: [Notice]) async throws {
        let commands = notices.map { notice in
            [
                "XADD", Self.key, "MAXLEN", "~", Self.lengthLimit, "*", "job", String(notice.job),
                "lease", String(notice.lease),
            ].map { Array($0.utf8) }
        }
        for outcome in await client.pipeline(commands) { _ = try outcome.get() }
    }

    /// The next messages, after a while also none: first those that a worker got and never finished.
    func next() async throws -> [Delivery] {
        do {
            let abandoned = try await client.command(
                "XAUTOCLAIM",
                Self.key,
                Self.group,
                consumer,
                Self.idleMilliseconds,
                "0-0",
                "COUNT",
                Self.batchLimit
            )
            let found = Self.deliveries(abandoned.array?.dropFirst().first)
            if !found.isEmpty { return found }
            let fresh = try await reader.command(
                "XREADGROUP",
                "GROUP",
                Self.group,
                consumer,
                "COUNT",
                Self.batchLimit,
                "BLOCK",
                String(Self.waitMilliseconds),
                "STREAMS",
                Self.key,
                ">"
            )
            return Self.deliveries(fresh.array?.first?.array?.dropFirst().first)
        } catch let error where error.refusalCode == "NOGROUP" {
            try await makeGroup()
            return []
        }
    }

    /// Ends the waiting for messages, now and from now on, so that a worker that stops need not wait for one.
    func stopWaiting() { reactor.spawn { self.reader.close() } }

    /// Forgets messages whose jobs are done, failed or somebody else's.
    func finish(_ deliveries: [Delivery]) async throws {
        let messages = deliveries.map { Array($0.message.utf8) }
        guard !messages.isEmpty else { return }
        let key = Array(Self.key.utf8)
        let outcomes = await client.pipeline([
            [Array("XACK".utf8), key, Array(Self.group.utf8)] + messages,
            [Array("XDEL".utf8), key] + messages,
        ])
        for outcome in outcomes { _ = try outcome.get() }
    }

    /// How many messages there are.
    func length() async throws -> Int {
        Int(try await client.command("XLEN", Self.key).integer ?? 0)
    }

    private func makeGroup() async throws {
        do {
            _ = try await client.command("XGROUP", "CREATE", Self.key, Self.group, "0", "MKSTREAM")
        } catch let error where error.refusalCode == "BUSYGROUP" {
            // Another worker was faster.
        }
    }

    /// Messages as `[[id, [name, value, …]], …]`; what is none of ours is passed over, and acknowledged with the rest.
    private static func deliveries(_ value: RESPValue?) -> [Delivery] {
        (value?.array ?? []).compactMap { message in
            guard let parts = message.array, parts.count == 2, let id = parts[0].text else {
                return nil
            }
            let fields = parts[1].array ?? []
            var notice = Notice(job: -1, lease: -1)
            if fields.count >= 4, fields[0].text == "job", let job = fields[1].integer,
                fields[2].text == "lease", let lease = fields[3].integer
            {
                notice = Notice(job: job, lease: lease)
            }
            return Delivery(message: id, notice: notice)
        }
    }
}
