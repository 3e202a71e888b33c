import HTTP

/// What a client would rather have, as its fields say: kept as they came, since few answers depend on it.
struct WaitingPreferences {
    /// What `Accept` says; nil if it does not matter.
    var accept: Negotiation?
    /// `Sec-Fetch-Mode` (Fetch Metadata).
    var fetchMode: ByteView?
    /// `Accept-Language` (RFC 9110 section 12.5.4).
    var acceptLanguage: ByteView?
    /// The languages there are pages in, the default one first.
    var languages = WaitingLanguage.all

    /// Members of a list that are looked at, since nobody means more.
    private static let rangesLimit = 32

    /// Whether to answer with JSON: a client that says so, or one that does not navigate.
    var prefersJSON: Bool {
        if let fetchMode, !fetchMode.equals("navigate") { return true }
        return accept?.prefersJSON ?? false
    }

    /// The first language of `Accept-Language` by weight that there is a page in.
    var language: WaitingLanguage {
        var best = (quality: 0, language: languages.first ?? .english)
        for member in ListElements(acceptLanguage ?? .empty).prefix(Self.rangesLimit) {
            guard let range = WeightedElement(member), range.quality > best.quality else {
                continue
            }
            let primary = range.name.prefix(range.name.firstIndex(of: 0x2D) ?? range.name.count)
            let code = primary.string.lowercased()
            if let language = languages.first(where: { $0.code == code }) {
                best = (range.quality, language)
            }
        }
        return best.language
    }
}
