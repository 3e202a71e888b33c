import Logging
import Redis
import Transport

/// Hears from Redis which sessions were revoked, so that what a worker remembers of them counts no longer.
///
/// Whoever ends a session publishes to `session:` and its id. What is said while the connection is away is missed: when
/// it is back, everything is forgotten once. Confined to its worker's thread.
final class SessionNews {
    private static let prefix = "session:"

    private let configuration: RedisConfiguration
    private let reactor: Reactor
    private let log: ServiceLog
    private var subscription: Subscription?
    /// Of the configuration in force, and of older ones that finish what they began.
    private var stages: [Listener] = []
    private var isHeard = true

    private struct Listener {
        weak var stage: SessionStage?
    }

    init(_ configuration: RedisConfiguration, reactor: Reactor, log: ServiceLog) {
        self.configuration = configuration
        self.reactor = reactor
        self.log = log
    }

    /// Has a stage forget what is revoked from now on, as long as it lives. Called once for each.
    func tell(_ stage: SessionStage) {
        stages.removeAll { $0.stage == nil }
        stages.append(Listener(stage: stage))
        guard subscription == nil else { return }
        let pattern = Self.prefix + "*"
        subscription = Subscription(configuration, pattern: pattern, on: reactor) { [weak self] in
            self?.take($0)
        }
    }

    private func take(_ event: Subscription.Event) {
        switch event {
        case .subscribed:
            for listener in stages { listener.stage?.forgetAll() }
            if !isHeard { log.notice("ends of sessions are heard again") }
            isHeard = true
        case .message(let channel, _):
            let id = String(channel.dropFirst(Self.prefix.count))
            for listener in stages { listener.stage?.forget(id) }
        case .interrupted(let error):
            if isHeard {
                log.warning(
                    "ends of sessions are not heard; they count after sessions.remember",
                    ["error": "\(error)"]
                )
            }
            isHeard = false
        }
    }
}
