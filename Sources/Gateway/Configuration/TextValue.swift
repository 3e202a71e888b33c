import Transport

/// A value that one word of the file says in full.
protocol TextValue: Sendable {
    /// Reads the word, or says what was expected.
    init(text: String) throws(Misfit)
    /// The word that says this value.
    var text: String { get }
}

/// A value that is one of a few words.
protocol WordValue: TextValue, RawRepresentable<String>, CaseIterable {}

extension WordValue {
    init(text: String) throws(Misfit) {
        let words = Self.allCases.map(\.rawValue)
        guard let value = Self(rawValue: text) else {
            let hint = nearestName(to: text, among: words).map { "did you mean `\($0)`?" }
            throw Misfit(code: .unknownWord, expected: choice(of: words), hint: hint)
        }
        self = value
    }

    var text: String { rawValue }
}

/// `a`, `b` or `c`, in code marks.
func choice(of words: [String]) -> String {
    let quoted = words.map { "`\($0)`" }
    guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "nothing" }
    return quoted.dropLast().joined(separator: ", ") + " or " + last
}

extension Configuration.TLSVersion: WordValue {}
extension Configuration.ForwardingHeader: WordValue {}
extension Configuration.RulesMode: WordValue {}
extension Configuration.BudgetPolicy: WordValue {}
extension Configuration.Collections: WordValue {}
extension Configuration.SessionStore: WordValue {}
extension Configuration.RoomOrder: WordValue {}
extension Configuration.RoomStore: WordValue {}
extension WaitingRoomSettings.Mode: WordValue {}
extension Configuration.StoreLossPolicy: WordValue {}
extension Configuration.Balance: WordValue {}
extension Configuration.UpstreamVersion: WordValue {}
extension Configuration.ProxyProtocol: WordValue {}
extension Configuration.ClientCertificates: WordValue {}
extension Configuration.LogLevel: WordValue {}
extension Configuration.LogAddresses: WordValue {}
extension Configuration.LogForm: WordValue {}

extension Configuration.RateLimitKey: TextValue {
    init(text: String) throws(Misfit) {
        switch text {
        case "client": self = .client
        case "session": self = .session
        case "fingerprint": self = .fingerprint
        case "country": self = .country
        default:
            guard text.hasPrefix("header:"), isToken(text.dropFirst(7)) else {
                throw Misfit(
                    expected: "`client`, `session`, `fingerprint`, `country` or `header:NAME`"
                )
            }
            self = .header(text.dropFirst(7).lowercased())
        }
    }

    var text: String {
        switch self {
        case .client: "client"
        case .session: "session"
        case .fingerprint: "fingerprint"
        case .country: "country"
        case .header(let name): "header:\(name)"
        }
    }
}

extension Configuration.RoomBypass: TextValue {
    init(text: String) throws(Misfit) {
        let expected = "a network such as 10.0.0.0/8, `path:/…` or `header:NAME=VALUE`"
        if text.hasPrefix("path:") {
            self = .path(try PathPattern(text: String(text.dropFirst(5))))
        } else if text.hasPrefix("header:") {
            let pair = text.dropFirst(7).split(separator: "=", maxSplits: 1)
            guard pair.count == 2, isToken(pair[0]) else { throw Misfit(expected: expected) }
            self = .header(name: String(pair[0]), value: String(pair[1]))
        } else {
            do {
                self = .network(try IPPrefix(text: text))
            } catch {
                throw Misfit(expected: expected)
            }
        }
    }

    var text: String {
        switch self {
        case .network(let network): network.text
        case .path(let pattern): "path:\(pattern.text)"
        case .header(let name, let value): "header:\(name)=\(value)"
        }
    }
}

extension Configuration.SessionRequirement: TextValue {
    init(text: String) throws(Misfit) {
        switch text {
        case "none": self = .none
        case "user": self = .user
        default:
            guard text.hasPrefix("role:"), isToken(text.dropFirst(5)) else {
                throw Misfit(expected: "`none`, `user` or `role:NAME`")
            }
            self = .role(String(text.dropFirst(5)))
        }
    }

    var text: String {
        switch self {
        case .none: "none"
        case .user: "user"
        case .role(let name): "role:\(name)"
        }
    }
}

extension Configuration.LogTarget: TextValue {
    init(text: String) throws(Misfit) {
        switch text {
        case "off": self = .off
        case "stdout": self = .stdout
        default:
            guard text.contains("/") else {
                throw Misfit(
                    expected: "`stdout`, `off` or a path",
                    hint: "write ./\(text) for a file in this directory"
                )
            }
            self = .file(text)
        }
    }

    var text: String {
        switch self {
        case .off: "off"
        case .stdout: "stdout"
        case .file(let path): path
        }
    }
}

/// Whether the text is a token of RFC 9110 section 5.6.2.
func isToken(_ text: some StringProtocol) -> Bool {
    !text.isEmpty
        && text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
        }
}
