import Redis
import Synchronization
import Transport

/// The secret that signs tickets where no file names one and several gateways share a Redis: the first to come draws
/// it, the others read it there.
enum SharedSecret {
    private static let key = "haniel:signing-secret"

    /// The secret, waiting for Redis for a moment; nil if it does not answer.
    static func fetch(_ configuration: RedisConfiguration) -> [UInt8]? {
        guard let reactor = try? Reactor(), (try? reactor.start()) != nil else { return nil }
        let answer = SecretAnswer()
        reactor.spawn {
            let client = RedisClient(configuration, on: reactor)
            let words = keeping(Digest.randomBytes(32)).map { String(decoding: $0, as: UTF8.self) }
            let drawn = await client.pipeline([
                words.map { Array($0.utf8) }, ["GET", key].map { Array($0.utf8) },
            ])
            if case .success(let value)? = drawn.last, let bytes = value.bytes {
                answer.give(Base64URL.decode(bytes))
            } else {
                answer.give(nil)
            }
            client.close()
        }
        let secret = answer.wait()
        reactor.stop()
        return secret?.count == 32 ? secret : nil
    }

    /// The command that puts the secret there if there is none.
    static func keeping(_ secret: [UInt8]) -> [[UInt8]] {
        ["SET", key, Base64URL.encode(secret), "NX"].map { Array($0.utf8) }
    }
}

/// Hands one answer from a reactor to the thread that waits for it.
private final class SecretAnswer: Sendable {
    private let semaphore = Semaphore()
    private let secret = Mutex<[UInt8]?>(nil)

    func give(_ bytes: [UInt8]?) {
        secret.withLock { $0 = bytes }
        semaphore.signal()
    }

    func wait() -> [UInt8]? {
        semaphore.wait()
        return secret.withLock { $0 }
    }
}
