import Testing

@testable import Redis

@Suite struct RedisURLTests {
    static let urls: [(String, String)] = [
        ("redis://localhost", "redis://localhost:6379/0"),
        ("redis://localhost/", "redis://localhost:6379/0"),
        ("redis://10.0.0.1:7000/3", "redis://10.0.0.1:7000/3"),
        ("redis://[::1]:7000", "redis://[::1]:7000/0"),
        ("redis://[::1]", "redis://[::1]:6379/0"),
        ("rediss://cache.example.com", "rediss://cache.example.com:6379/0"),
        ("redis://:secret@localhost", "redis://:[redacted]@localhost:6379/0"),
        ("redis://haniel:secret@localhost:1/2", "redis://haniel:[redacted]@localhost:1/2"),
        ("redis://haniel:p%40ss%2Fword@localhost", "redis://haniel:[redacted]@localhost:6379/0"),
        ("redis://haniel:p@ss/word@localhost/4", "redis://haniel:[redacted]@localhost:6379/4"),
        ("unix:/run/redis.sock", "unix:///run/redis.sock?db=0"),
        ("unix:///run/redis.sock?db=5", "unix:///run/redis.sock?db=5"),
        ("unix://:secret@/run/redis.sock", "unix://:[redacted]@/run/redis.sock?db=0"),
    ]

    @Test(arguments: urls)
    func `A URL is read and described without its password`(text: String, description: String)
        throws
    {
        #expect(try RedisURL(text).description == description)
    }

    @Test
    func `User and password are decoded`() throws {
        let url = try RedisURL("redis://us%65r:p%40ss%3Aword%2F@localhost")
        #expect(url.user == "user")
        #expect(url.password == "p@ss:word/")
        #expect(try RedisURL("redis://:p@localhost").user == nil)
        #expect(try RedisURL("redis://u:a@b/c@localhost").password == "a@b/c")
    }

    static let problems = [
        "", "localhost", "http://localhost", "redis:/localhost", "redis://", "redis://:6379",
        "redis://host:",
        "redis://host:0", "redis://host:65536", "redis://host:+1", "redis://host:a",
        "redis://host/a",
        "redis://host/-1",
        "redis://host/99999999", "redis://host/1/2", "redis://user@host", "redis://user:@host",
        "redis://u:%4@host",
        "redis://u:%zz@host", "redis://u:%+1@host", "redis://[::1", "redis://[::1]x", "redis://a b",
        "redis://a\nb",
        "unix:", "unix:relative", "unix:/", "unix://host/path", "unix:/a?x=1", "unix:/a?db=x",
        "unix:/a%00b",
        "unix:/\(String(repeating: "a", count: 107))",
    ]

    @Test(arguments: problems)
    func `A URL that means nothing is refused`(text: String) {
        #expect(throws: RedisURL.Problem.self) { try RedisURL(text) }
    }
}
