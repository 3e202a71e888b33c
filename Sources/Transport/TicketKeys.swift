import Synchronization

/// Keys that encrypt session tickets (RFC 5077): the newest encrypts, older ones still decrypt until they are dropped.
///
/// Contention: a mutex held for a look at a few keys, once per handshake.
public final class TicketKeys: Sendable {
    /// 80 bytes: a name of 16, then 32 each to authenticate and to encrypt.
    struct Key: Sendable, Equatable {
        let name: [UInt8]
        let secret: [UInt8]
        let period: Int
    }

    static let keyBytes = 80
    private static let keptLimit = 3
    private let keys: Mutex<[Key]>

    /// A fresh key, which no other process has.
    public init() {
        keys = Mutex([Self.key(Digest.randomBytes(Self.keyBytes), period: 0)])
    }

    private static func key(_ bytes: [UInt8], period: Int) -> Key {
        Key(name: Array(bytes.prefix(16)), secret: Array(bytes.dropFirst(16)), period: period)
    }

    /// Whether there is a key for the period.
    public func covers(period: Int) -> Bool {
        keys.withLock { keys in keys.contains { $0.period == period } }
    }

    /// Takes the key of a period, which may have come from another process; the oldest beyond three is dropped.
    ///
    /// - Parameter bytes: any number of random bytes, at least 32; what is used is derived from them.
    public func add(_ bytes: [UInt8], period: Int) {
        let derived = Digest.hkdf(secret: bytes, info: Array("tickets".utf8), count: Self.keyBytes)
        let key = Self.key(derived, period: period)
        keys.withLock { keys in
            guard !keys.contains(where: { $0.period == period }) else { return }
            keys.append(key)
            keys.sort { $0.period > $1.period }
            keys.removeLast(max(0, keys.count - Self.keptLimit))
        }
    }

    /// The key that encrypts now.
    var newest: Key? { keys.withLock { $0.first } }

    /// The key of that name, and whether it is the newest.
    func find(_ name: [UInt8]) -> (key: Key, isNewest: Bool)? {
        keys.withLock { keys in
            guard let index = keys.firstIndex(where: { $0.name == name }) else { return nil }
            return (keys[index], index == 0)
        }
    }
}
