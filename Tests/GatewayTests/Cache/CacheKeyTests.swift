import HTTP
import Testing

@testable import Gateway

@Suite struct CacheKeyTests {
    private func uri(_ key: CacheKey) -> String {
        var bytes = CacheBytes()
        key.appendURI(to: &bytes)
        return bytes.view.string
    }

    static let same: [(String, String, Bool, String)] = [
        ("/a", "example.com", true, "https://example.com/a"),
        ("/a", "EXAMPLE.com", true, "https://example.com/a"),
        ("/a", "example.com:443", true, "https://example.com/a"),
        ("/a", "example.com:80", false, "http://example.com/a"),
        ("/a", "example.com:80", true, "https://example.com:80/a"),
        ("/%61?", "example.com", true, "https://example.com/a?"),
        ("/b/../a?B=%41", "example.com", true, "https://example.com/a?B=%41"),
        ("/", "[::1]:8443", true, "https://[::1]:8443/"),
    ]

    @Test(arguments: same)
    func `A key is the URI with its host in lower case and without a default port`(
        target: String,
        host: String,
        isSecure: Bool,
        expected: String
    ) throws {
        let request = try Heads.bare("GET \(target) HTTP/1.1", ["Host: \(host)"])
        let key = CacheKey(isSecure: isSecure, request: request)
        #expect(uri(key) == expected)
        viewing(expected) { #expect(key.matches(uri: $0)) }
    }

    static let different = [
        "https://example.com/a", "http://example.com/a", "https://example.com:8443/a",
        "https://example.org/a",
        "https://example.com/A", "https://example.com/a?", "https://example.com/a?b",
        "https://example.com/a?B",
        "https://example.com/a/", "https://example.com/",
    ]

    @Test
    func `Different URIs have different keys`() throws {
        let requests = try Self.different.map { text in
            let isSecure = text.hasPrefix("https")
            let rest = text.dropFirst(isSecure ? 8 : 7)
            let slash = try #require(rest.firstIndex(of: "/"))
            return (
                isSecure,
                try Heads.bare("GET \(rest[slash...]) HTTP/1.1", ["Host: \(rest[..<slash])"])
            )
        }
        let keys = requests.map { CacheKey(isSecure: $0.0, request: $0.1) }
        #expect(Set(keys.map(\.hash)).count == keys.count)
        for (index, key) in keys.enumerated() {
            for (other, text) in Self.different.enumerated() {
                viewing(text) { #expect(key.matches(uri: $0) == (index == other)) }
            }
        }
    }

    static let references: [(String, String?)] = [
        ("/b", "https://example.com/b"),
        ("/b?c#d", "https://example.com/b?c"),
        ("https://example.com/b", "https://example.com/b"),
        ("HTTPS://EXAMPLE.COM:443/b?c", "https://example.com/b?c"),
        ("https://example.com", "https://example.com/"),
        ("http://example.com/b", nil),
        ("https://example.com:8443/b", nil),
        ("https://example.org/b", nil),
        ("https://example.com.evil.org/b", nil),
        ("//example.org/b", nil),
        ("b", nil), ("../b", nil), ("", nil), ("?c", nil), ("#d", nil),
        ("mailto:a@example.com", nil),
    ]

    @Test(arguments: references)
    func `A Location names a key only on the same scheme and host`(
        reference: String,
        expected: String?
    ) throws {
        let request = try Heads.get("/a/x")
        let key = CacheKey(isSecure: true, request: request)
        viewing(reference) { view in
            #expect(key.resolve(view).map { uri($0) } == expected)
        }
    }
}
