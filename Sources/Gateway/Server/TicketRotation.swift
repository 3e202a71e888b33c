import Glibc
import Redis
import Transport

/// Changes the keys of TLS session tickets twice a day, so that a key that leaks opens little of the past.
///
/// With Redis all gateways use the same ones, and a client that comes back may come to any of them. Redis away (fails
/// safe): a key of our own, with which clients go on resuming here.
struct TicketRotation {
    let shared: SharedState

    /// How long a key encrypts, in seconds. It decrypts for two periods more.
    static let periodSeconds = 12 * 3600

    /// Rotates until the reactor stops. One worker does it for all.
    func run(on reactor: Reactor) async {
        while true {
            let period = time(nil) / Self.periodSeconds
            if !shared.ticketKeys.covers(period: period) {
                if let secret = await secret(of: period) {
                    shared.ticketKeys.add(secret, period: period)
                }
            }
            await reactor.sleep(for: .seconds(10))
        }
    }

    /// Random bytes for the period: those that Redis has, or ours if we were the first to put some there. Nil if Redis
    /// is away, and is asked again.
    private func secret(of period: Int) async -> [UInt8]? {
        let ours = Digest.randomBytes(32)
        guard let redis = shared.redis else { return ours }
        let key = Array("haniel:tickets:\(period)".utf8)
        let life = Array("\(3 * Self.periodSeconds)".utf8)
        let text = Array(Base64URL.encode(ours).utf8)
        do {
            _ = try await redis.command([
                Array("SET".utf8), key, text, Array("NX".utf8), Array("EX".utf8), life,
            ])
            return try await redis.command([Array("GET".utf8), key]).bytes
        } catch {
            return nil
        }
    }
}
