/// The path of a request, compared with its canonical form.
enum PathPattern: Sendable, Hashable {
    /// Exactly this path.
    case exact(String)
    /// Everything that starts with this; `/assets/` of `/assets/*`. The path `/assets` itself is not included.
    case prefix(String)

    /// Whether every path that the other pattern matches is matched here too.
    func covers(_ other: PathPattern) -> Bool {
        switch (self, other) {
        case (.exact(let path), .exact(let otherPath)): path == otherPath
        case (.exact, .prefix): false
        case (.prefix(let prefix), .exact(let path)): path.hasPrefix(prefix)
        case (.prefix(let prefix), .prefix(let otherPrefix)): otherPrefix.hasPrefix(prefix)
        }
    }
}

extension PathPattern: TextValue {
    init(text: String) throws(Misfit) {
        let expected = "a path such as /checkout, or /assets/* for everything below"
        guard text.hasPrefix("/") else {
            throw Misfit(
                expected: expected,
                hint: text == "*" ? "write /*" : "did you mean `/\(text)`?"
            )
        }
        let isPrefix = text.hasSuffix("/*")
        let path = isPrefix ? String(text.dropLast()) : text
        guard !path.contains("*") else {
            throw Misfit(expected: expected, hint: "a star stands only at the end, after a slash")
        }
        // The path of a request is compared in its canonical form, so that any other form could never match.
        guard path.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !path.contains(where: { "?#\"<>\\^`{|}".contains($0) })
        else {
            throw Misfit(
                expected:
                    "a path in its canonical form, without query, spaces or unencoded characters"
            )
        }
        guard !path.contains("//"), !"\(path)/".contains("/./"), !"\(path)/".contains("/../") else {
            throw Misfit(expected: "a path in its canonical form, without `//`, `/./` or `/../`")
        }
        self = isPrefix ? .prefix(path) : .exact(path)
    }

    var text: String {
        switch self {
        case .exact(let path): path
        case .prefix(let prefix): "\(prefix)*"
        }
    }
}
