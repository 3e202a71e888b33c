extension ValueKind<String> {
    /// The URL of a Redis; printed without its password.
    static var redisURL: ValueKind {
        let checked = text(redisURLForm, where: isRedisURL)
        return ValueKind(read: checked.read) { .text(redactedURL($0)) }
    }

    /// A path to ask a server for.
    static var requestPath: ValueKind {
        text("a path that starts with /") { path in
            path.hasPrefix("/") && path.utf8.allSatisfy { (0x21...0x7E).contains($0) }
                && !path.contains("#")
        }
    }

    /// The origin of a page as browsers send it (RFC 6454 section 7).
    static var origin: ValueKind {
        text("an origin as browsers send it, such as https://shop.example.com") { origin in
            let scheme = ["https://", "http://"].first(where: origin.hasPrefix) ?? origin
            let host = origin.dropFirst(scheme.count)
            return !host.isEmpty && host == host.lowercased()
                && !host.contains { "/?#@ ".contains($0) }
                && origin.isPrintableLine
        }
    }

    /// Cipher suites as OpenSSL writes them.
    static var cipherList: ValueKind {
        text("cipher suites separated by colons, such as ECDHE-ECDSA-AES256-GCM-SHA384") {
            $0.isPrintableLine && !$0.isEmpty && $0.utf8.count <= 1024
        }
    }

    /// A request method.
    static var method: ValueKind {
        ValueKind { reader, node, path in
            reader.scalar(node, path, expected: "a method") { text throws(Misfit) in
                guard text.utf8.count <= 32, isToken(text) else {
                    throw Misfit(expected: "a method such as GET")
                }
                guard text == text.uppercased() else {
                    throw Misfit(
                        expected: "a method in capitals",
                        hint: "did you mean `\(text.uppercased())`?"
                    )
                }
                return text
            }
        } tree: {
            .text($0)
        }
    }
}

/// What a Redis URL looks like.
let redisURLForm = "redis://[user:password@]host[:port][/database], rediss://… or unix:/path"

/// Whether the text has the form of a Redis URL.
func isRedisURL(_ url: String) -> Bool {
    url.isPrintableLine && !url.contains(" ")
        && ["redis://", "rediss://", "unix:/"].contains { url.hasPrefix($0) && url != $0 }
}

/// The URL with `[redacted]` for the password, if there is one.
func redactedURL(_ url: String) -> String {
    guard let scheme = url.firstRange(of: "://"), let at = url.lastIndex(of: "@"),
        scheme.upperBound <= at,
        let colon = url[scheme.upperBound..<at].firstIndex(of: ":")
    else { return url }
    return url[...colon] + "[redacted]" + url[at...]
}
