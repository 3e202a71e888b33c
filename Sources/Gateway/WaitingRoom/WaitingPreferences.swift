import HTTP

/// What a client would rather have, as its fields say: kept as they came, since few answers depend on it.
struct WaitingPreferences {
    /// `Accept` (RFC 9110 section 12.5.1).
    var accept: ByteView?
    /// `Sec-Fetch-Mode` (Fetch Metadata).
    var fetchMode: ByteView?
    /// `Accept-Language` (RFC 9110 section 12.5.4).
    var acceptLanguage: ByteView?
    /// The languages there are pages in, the default one first.
    var languages = WaitingLanguage.all

    /// Whether to answer with JSON: a client that says so, or one that does not navigate.
    var prefersJSON: Bool {
        let accept = accept?.string
        let json = Self.weight(of: ["application/json"], in: accept)
        let page = Self.weight(of: ["text/html", "application/xhtml+xml", "text/*"], in: accept)
        if let fetchMode, !fetchMode.equals("navigate") { return true }
        return json > page
    }

    /// The first language of `Accept-Language` by weight that there is a page in.
    var language: WaitingLanguage {
        var best = (weight: 0, language: languages.first ?? .english)
        for (range, weight) in Self.ranges(acceptLanguage?.string) where weight > best.weight {
            let primary = range.prefix { $0 != "-" }
            if let language = languages.first(where: { $0.code == primary }) {
                best = (weight, language)
            }
        }
        return best.language
    }

    private static func weight(of types: [String], in accept: String?) -> Int {
        ranges(accept).filter { types.contains($0.range) }.map(\.weight).max() ?? 0
    }

    /// The members of a list with their weights in thousandths; at most 32, since nobody means more.
    private static func ranges(_ list: String?) -> [(range: String, weight: Int)] {
        (list ?? "").split(separator: ",", maxSplits: 32).prefix(32).map { member in
            let parts = member.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") || $0.hasPrefix("Q=") }
            return (
                (parts.first ?? "").lowercased(),
                quality.map { thousandths($0.dropFirst(2)) } ?? 1_000
            )
        }
    }

    private static func thousandths(_ text: Substring) -> Int {
        if text.first == "1" { return 1_000 }
        guard text.hasPrefix("0.") else { return 0 }
        let digits = text.dropFirst(2).prefix(3)
        guard let value = Int(digits), value >= 0 else { return 0 }
        return value * (digits.count == 1 ? 100 : digits.count == 2 ? 10 : 1)
    }
}
