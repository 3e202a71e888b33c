/// Where each value of a configuration comes from, by its path, such as `routes[2].proxy`. A path that is absent stands
/// at its default.
struct Origins: Sendable {
    enum Origin: Sendable, Equatable {
        /// A file; `template` is the text before `${…}` was replaced, if there was any.
        case file(SourceSpan, template: String?)
        /// A flag of the command line, with its dashes.
        case flag(String)
    }

    private var byPath: [String: Origin] = [:]

    subscript(path: String) -> Origin? {
        get { byPath[path] }
        set { byPath[path] = newValue }
    }

    /// Forgets a value and all that is inside it.
    mutating func remove(below path: String) {
        byPath = byPath.filter { known, _ in
            known != path && !known.hasPrefix(path + ".") && !known.hasPrefix(path + "[")
        }
    }

    /// The place a problem of this value should point at: its own or that of the nearest value around it.
    func place(of path: String, fallback: Problem.Place) -> Problem.Place {
        var path = Substring(path)
        while !path.isEmpty {
            switch byPath[String(path)] {
            case .file(let span, _): return .source(span)
            case .flag(let name): return .flag(name)
            case nil: path = path.lastIndex { $0 == "." || $0 == "[" }.map { path[..<$0] } ?? ""
            }
        }
        return fallback
    }
}
