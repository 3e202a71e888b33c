import Redis
import Support
import Testing
import Transport

@testable import Gateway

@Suite(.enabled(if: RedisServer.isInstalled, "redis-server is not installed"))
struct SessionNewsTests {
    private static let token = "token-of-a-visitor"

    private static func scene(_ redis: RedisServer, _ origin: TestOrigin) throws -> GatewayScene {
        try GatewayScene { configuration in
            configuration.proxyEverything(to: origin)
            configuration.redis.url = "redis://127.0.0.1:\(redis.port)"
            configuration.sessions.store = .redis
            configuration.sessions.cookie = "sid"
            configuration.sessions.remember = .seconds(3_600)
            configuration.routes[0].session = .user
        }
    }

    private static func status(_ scene: GatewayScene) throws -> Int {
        let wire = try scene.connect()
        try wire.send("GET / HTTP/1.1\r\nHost: x\r\nCookie: sid=\(token)\r\n\r\n")
        return try wire.receiveResponse().status
    }

    private static func lookups(_ redis: RedisServer) -> Bool {
        guard case .bulk(let bytes) = redis.command("INFO", "commandstats") else { return false }
        return String(decoding: bytes, as: UTF8.self).contains("cmdstat_get:calls=2,")
    }

    @Test func `A session that is revoked ends at once, however long it was to be remembered`()
        throws
    {
        let redis = try #require(RedisServer())
        let origin = try TestOrigin { _, connection in try connection.respond() }
        let id = Hexadecimal.encode(Digest.sha256(Array(Self.token.utf8)))
        let document = #"{"sub":"7","sid":"\#(id)","role":"user","exp":4000000000}"#
        _ = redis.command("SET", "sess:" + id, document)
        let scene = try Self.scene(redis, origin)
        // With the subscription everything is forgotten once, and looked up again.
        while !Self.lookups(redis) { #expect(try Self.status(scene) == 200) }
        _ = redis.command("DEL", "sess:" + id)
        #expect(redis.command("PUBLISH", "session:" + id, "revoked") == .integer(1))
        #expect(eventually { (try? Self.status(scene)) == 401 })
    }
}
