/// What a client would rather have, by its `Accept` and `Accept-Encoding` fields (RFC 9110 section 12.5).
///
/// Qualities are in thousandths, 0 to 1000; 0 means "not acceptable". Elements that are not well formed do not count.
public struct Negotiation {
    let section: FieldSection

    public init(_ section: FieldSection) {
        self.section = section
    }

    /// The quality of a media type such as `text` / `html`, both in lower case; the most specific range decides.
    public func quality(ofType type: StaticString, _ subtype: StaticString) -> Int {
        guard section.contains(.accept) else { return 1000 }
        var best = (specificity: 0, quality: 0)
        for value in section.values(of: .accept) {
            for element in ListElements(value) {
                guard let range = WeightedElement(element) else { continue }
                let specificity = Self.specificity(of: range.name, type, subtype)
                if specificity > best.specificity { best = (specificity, range.quality) }
            }
        }
        return best.quality
    }

    /// Whether the client prefers JSON to HTML; a client that wants both alike gets HTML.
    public var prefersJSON: Bool {
        quality(ofType: "application", "json") > quality(ofType: "text", "html")
    }

    /// The quality of a content coding such as `gzip`, in lower case; 0 when no `Accept-Encoding` field speaks of it.
    public func quality(ofCoding coding: StaticString) -> Int {
        var wildcard = 0
        for value in section.values(of: .acceptEncoding) {
            for element in ListElements(value) {
                guard let range = WeightedElement(element) else { continue }
                if range.name.equalsIgnoringCase(coding) { return range.quality }
                if range.name.equals("*") { wildcard = range.quality }
            }
        }
        return wildcard
    }

    /// 3 for the type itself, 2 for `type/*`, 1 for `*/*`, 0 for another.
    private static func specificity(
        of range: ByteView,
        _ type: StaticString,
        _ subtype: StaticString
    ) -> Int {
        guard let slash = range.firstIndex(of: 0x2F) else { return 0 }
        let left = range.prefix(slash)
        let right = range.dropFirst(slash + 1)
        if left.equals("*") { return right.equals("*") ? 1 : 0 }
        guard left.equalsIgnoringCase(type) else { return 0 }
        if right.equals("*") { return 2 }
        return right.equalsIgnoringCase(subtype) ? 3 : 0
    }
}

/// One element of a list with weights: its name and its `q` parameter.
public struct WeightedElement {
    public let name: ByteView
    /// In thousandths, 0 to 1000.
    public let quality: Int

    /// Nil for an element that is not well formed.
    public init?(_ element: ByteView) {
        var parts = ListElements(element, separator: 0x3B)
        guard let name = parts.next() else { return nil }
        self.name = name
        var quality = 1000
        while let parameter = parts.next() {
            guard parameter.prefix(2).equalsIgnoringCase("q=") else { continue }
            guard let parsed = Self.thousandths(parameter.dropFirst(2)) else { return nil }
            quality = parsed
        }
        self.quality = quality
    }

    /// `0`, `1`, or one of them with a dot and up to three digits, at most 1.
    static func thousandths(_ text: ByteView) -> Int? {
        guard text.count >= 1, text.count <= 5, let whole = text.prefix(1).decimal, whole <= 1
        else { return nil }
        if text.count == 1 { return whole * 1000 }
        guard text[1] == 0x2E else { return nil }
        let digits = text.dropFirst(2)
        var fraction = 0
        if !digits.isEmpty {
            guard let number = digits.decimal else { return nil }
            fraction = number * [1000, 100, 10, 1][digits.count]
        }
        let total = whole * 1000 + fraction
        return total <= 1000 ? total : nil
    }
}
