import Transport

/// How sessions are checked under one configuration; nil where they are not.
final class SessionPolicy: Sendable {
    /// Who knows the sessions.
    enum Store: Sendable {
        case upstream(Upstream, path: String)
        case redis(prefix: String)
    }

    let store: Store
    var isInRedis: Bool { if case .redis = store { true } else { false } }
    let cookie: [UInt8]
    let rememberNanoseconds: UInt64
    /// Signs who the visitor is, for the upstream; nil leaves requests unsigned.
    let assertionKey: Ed25519PrivateKey?

    init?(
        _ configuration: Configuration.Sessions,
        upstreams: [Upstream],
        _ problems: inout [String]
    ) {
        switch configuration.store {
        case .off: return nil
        case .redis: store = .redis(prefix: configuration.redisPrefix)
        case .upstream:
            guard let upstream = upstreams.first(where: { $0.name == configuration.upstream })
            else {
                problems.append("sessions.upstream: no upstream of this name")
                return nil
            }
            store = .upstream(upstream, path: configuration.path)
        }
        cookie = Array(configuration.cookie.utf8)
        rememberNanoseconds = configuration.remember.wholeNanoseconds
        assertionKey = configuration.assertionKey.flatMap { Self.loadKey($0, &problems) }
    }

    private static func loadKey(_ path: String, _ problems: inout [String]) -> Ed25519PrivateKey? {
        do throws(FileProblem) {
            return try key(of: path)
        } catch {
            problems.append("sessions.assertion_key: \(error)")
            return nil
        }
    }

    static func key(of path: String) throws(FileProblem) -> Ed25519PrivateKey {
        guard let pem = TextFile.read(path) else {
            throw FileProblem(file: path, message: "cannot be read")
        }
        do throws(KeyError) {
            return try Ed25519PrivateKey(pem: pem)
        } catch {
            throw FileProblem(file: path, message: error.description)
        }
    }
}
