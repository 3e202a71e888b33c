import Foundation

/// Reads settings from options, variables and defaults, in this order, and remembers where each came from and all that
/// is wrong, so that an operator hears of all mistakes at once.
struct SettingsReader {
    /// One setting as it was found.
    struct Entry: Sendable, Equatable {
        let name: String
        /// What to show: never a secret.
        let value: String
        let source: String
    }

    let environment: [String: String]
    private(set) var entries: [Entry] = []
    private(set) var problems: [String] = []
    /// What goes and should not for long.
    private(set) var warnings: [String] = []

    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.environment = environment
    }

    /// A text; `names` are the variables that may say it, the first of which is its name.
    mutating func text(
        _ names: String...,
        option: String? = nil,
        default standard: String? = nil,
        unset: String = "unset",
        show: (String) -> String = { $0 }
    ) -> String? {
        let name = names.first ?? ""
        var found = standard.map { (value: $0, source: "default") }
        for variable in names.reversed() {
            if let value = environment[variable], !value.isEmpty { found = (value, variable) }
        }
        if let option { found = (option, "option") }
        known.formUnion(names)
        guard let found else {
            entries.append(Entry(name: name, value: unset, source: "default"))
            return nil
        }
        entries.append(Entry(name: name, value: show(found.value), source: found.source))
        return found.value
    }

    /// A number from 1 to a million; nil if it is not said and there is none that is meant then.
    mutating func number(_ name: String, default standard: Int? = nil, unset: String = "unset")
        -> Int?
    {
        guard let text = text(name, default: standard.map(String.init), unset: unset) else {
            return nil
        }
        guard let number = Int(text), (1...1_000_000).contains(number) else {
            note("\(name): expected a number from 1, found \(text)")
            return nil
        }
        return number
    }

    /// Whether it says yes.
    mutating func isOn(_ name: String, option: Bool = false) -> Bool {
        let text = text(name, option: option ? "yes" : nil, default: "no")?.lowercased()
        if ["1", "true", "yes", "on"].contains(text) { return true }
        if !["0", "false", "no", "off"].contains(text) { note("\(name): yes or no") }
        return false
    }

    /// A secret: what the file says that `NAME_FILE` names, without the line's end, or else the variable itself, for
    /// platforms that hand out secrets in no other way.
    mutating func secret(_ name: String) -> String? {
        let said = text(name, show: { _ in "…" })
        let file = name + "_FILE"
        guard let path = text(file) else { return said }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8),
            let line = text.split(whereSeparator: \.isNewline).first, !line.isEmpty
        else {
            note("\(file): \(path) cannot be read or is empty")
            return nil
        }
        return String(line)
    }

    /// A host and a port.
    mutating func address(_ name: String, option: ListenAddress?, default standard: String)
        -> ListenAddress?
    {
        let said = option.map { "\($0.host):\($0.port)" }
        guard let text = text(name, option: said, default: standard) else { return nil }
        guard let address = ListenAddress(argument: text) else {
            note("\(name): \(text) is not host:port")
            return nil
        }
        return address
    }

    /// Notes a mistake.
    mutating func note(_ problem: String) { problems.append(problem) }

    /// Notes what an operator should hear of at every start.
    mutating func warn(_ warning: String) { warnings.append(warning) }

    /// Notes variables that look like ours and are nobody's: a name that was mistyped.
    mutating func noteStrangers(but others: Set<String>) {
        for name in environment.keys.sorted()
        where name.hasPrefix("BMH_") && !known.contains(name) && !others.contains(name) {
            note("\(name): there is no such setting")
        }
    }

    private var known: Set<String> = []

    /// An address without its password.
    static func redacted(_ url: String) -> String {
        guard let scheme = url.firstRange(of: "://"), let at = url.lastIndex(of: "@"),
            at > scheme.upperBound
        else { return url }
        let user = url[scheme.upperBound..<at].prefix { $0 != ":" }
        return "\(url[..<scheme.upperBound])\(user):…\(url[at...])"
    }
}
