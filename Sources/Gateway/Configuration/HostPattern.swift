import Transport

/// A host of a request: one name, or every name below a domain.
enum HostPattern: Sendable, Hashable {
    /// Exactly this name, in lower case.
    case exact(String)
    /// Every name that ends in this suffix, such as `.example.com` of `*.example.com`; never the domain itself.
    case suffix(String)

    /// Whether every host that the other pattern matches is matched here too.
    func covers(_ other: HostPattern) -> Bool {
        switch (self, other) {
        case (.exact(let name), .exact(let otherName)): name == otherName
        case (.exact, .suffix): false
        case (.suffix(let suffix), .exact(let name)):
            name.hasSuffix(suffix) && name.utf8.count > suffix.utf8.count
        case (.suffix(let suffix), .suffix(let otherSuffix)): otherSuffix.hasSuffix(suffix)
        }
    }

    /// Whether the text is a host name: letters, digits, hyphens and underscores between dots, at most 253 bytes.
    static func isName(_ text: some StringProtocol) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return text.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count)
                    && label.utf8.allSatisfy { byte in
                        switch byte {
                        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
                        default: false
                        }
                    }
            }
    }
}

extension HostPattern: TextValue {
    init(text: String) throws(Misfit) {
        let name = text.lowercased()
        let expected = "a host name such as shop.example.com or *.example.com"
        if name.hasPrefix("*."), Self.isName(name.dropFirst(2)) {
            self = .suffix(String(name.dropFirst()))
        } else if Self.isName(name) {
            self = .exact(name)
        } else if name.hasPrefix("["), name.hasSuffix("]"),
            literalAddress(name.dropFirst().dropLast())?.isIPv6 == true
        {
            self = .exact(name)
        } else {
            let colon = name.lastIndex(of: ":").map { name[..<$0] }
            throw Misfit(expected: expected, hint: colon.map { "leave the port out: `\($0)`" })
        }
    }

    var text: String {
        switch self {
        case .exact(let name): name
        case .suffix(let suffix): "*\(suffix)"
        }
    }
}
