import Locations

/// Turns rule files into a rule set: reads directives in order, keeps every problem, and builds the flat form last.
struct Compiler {
    /// A rule, or a marker that `skipAfter` aims at, in file order.
    enum Element: Sendable {
        case rule(RuleBuilder)
        case marker(SourceText)

        /// The phase of a rule; nil for a marker. Asked in place: a rule is large to copy.
        var phase: Int? { if case .rule(let rule) = self { rule.phase } else { nil } }

        func isIncluded(in selection: RuleSelection, _ matcher: Matcher) -> Bool {
            guard case .rule(let rule) = self else { return false }
            return selection.includes(
                id: rule.id,
                tags: rule.tagTexts,
                message: rule.messageText,
                matcher
            )
        }
    }

    private static let includeDepthLimit = 16

    var settings = Settings()
    var problems = ProblemList()
    var names = SlotNames()
    var elements: [Element] = []
    var defaults = [DefaultActions](repeating: DefaultActions(), count: 6)
    var codePage: CodePage?
    /// The database of `SecGeoLookupDb`.
    var locations: LocationDatabase?
    /// Where rules ask for locations.
    var lookups: [SourceText] = []
    var dataSets = DataSets()
    var operators = OperatorStore()
    /// Where each id was first used.
    var idPlaces: [Int: SourceLocation] = [:]
    /// The head of a chain that waits for its next link.
    var openChain: RuleBuilder?
    /// Rules that directives removed, and where.
    var removed: [(rule: RuleBuilder, place: SourceText)] = []
    /// Selections that met no rule, and the number of the warning that says so.
    var unmatched: [(selection: RuleSelection, problem: Int)] = []
    /// Files of rules and of data, apart from those that operators read.
    var filesRead = FilesRead()
    let matcher = Matcher(matchLimit: 1_000_000)
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    init() {
        // TX.0 to TX.9 are the captured groups and have the first slots.
        for digit in UInt8(ascii: "0")...UInt8(ascii: "9") { _ = names.slot([digit]) }
    }

    /// Reads the files of a command line or a configuration; each path may hold wildcards.
    mutating func read(paths: [String]) {
        for path in paths {
            let files = filesRead.expand(path)
            if files.isEmpty { problems.error("unreadable", "no file matches", file: path) }
            for file in files { read(path: file) }
        }
    }

    /// Reads one file and what it includes.
    mutating func read(path: String, depth: Int = 0) {
        filesRead.note(path)
        guard let bytes = RuleFiles.contents(path) else {
            return problems.error(
                "unreadable",
                "cannot read the file: \(RuleFiles.lastError)",
                file: path
            )
        }
        read(SourceFile(name: path, bytes: bytes), depth: depth)
    }

    /// 16 hexadecimal digits made of every line read so far (FNV-1a).
    var checksum: String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    mutating func read(_ file: SourceFile, depth: Int = 0) {
        for line in file.lines {
            for byte in line { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ 0x0A) &* 0x100_0000_01B3
        }
        var reader = DirectiveReader(file)
        while let directive = reader.next(&problems) { apply(directive, depth: depth) }
        closeChain()
    }

    /// A chain whose last rule says `chain` has no end.
    mutating func closeChain() {
        guard let head = openChain else { return }
        openChain = nil
        problems.error("open-chain", "the chain that starts here has no last rule", at: head.source)
    }

    private mutating func apply(_ directive: Directive, depth: Int) {
        let name = directive.name.lowercased
        switch name {
        case "secrule": addRule(directive)
        case "secaction": addAction(directive)
        case "secmarker": addMarker(directive)
        case "secdefaultaction": setDefaults(directive)
        case "include", "includeoptional":
            include(directive, depth: depth, isOptional: name != "include")
        default:
            if openChain != nil, !name.hasPrefix("secrule") { closeChain() }
            if !update(directive, name), !set(directive, name) { reportUnknown(directive) }
        }
    }

    private mutating func reportUnknown(_ directive: Directive) {
        let name = directive.name.text
        if let reason = DirectiveName.refused[directive.name.lowercased] {
            return problems.error(
                "refused-directive",
                "\(name) is refused: \(reason)",
                at: directive.name
            )
        }
        let hint = NearestName.hint(name, in: DirectiveName.all)
        problems.error(
            "unknown-directive",
            "unknown directive `\(name)`",
            at: directive.name,
            hint: hint
        )
    }

    private mutating func include(_ directive: Directive, depth: Int, isOptional: Bool) {
        closeChain()
        guard let argument = directive.arguments.first, directive.arguments.count == 1 else {
            return problems.error(
                "arguments",
                "\(directive.name.text) needs one path",
                at: directive.name
            )
        }
        guard depth < Compiler.includeDepthLimit else {
            return problems.error(
                "include-depth",
                "files include each other too deeply",
                at: argument
            )
        }
        let path = RuleFiles.resolve(argument.text, beside: argument.file)
        let files = filesRead.expand(path)
        if files.isEmpty, !isOptional {
            problems.error(
                "unreadable",
                "no file matches \(path)",
                at: argument,
                hint: "IncludeOptional allows for none"
            )
        }
        for file in files {
            filesRead.note(file)
            guard let bytes = RuleFiles.contents(file) else {
                if !isOptional {
                    problems.error(
                        "unreadable",
                        "cannot read \(file): \(RuleFiles.lastError)",
                        at: argument
                    )
                }
                continue
            }
            read(SourceFile(name: file, bytes: bytes), depth: depth + 1)
        }
    }

    private mutating func addMarker(_ directive: Directive) {
        closeChain()
        guard let label = directive.arguments.first, directive.arguments.count == 1 else {
            return problems.error("arguments", "SecMarker needs one name", at: directive.name)
        }
        elements.append(.marker(label))
    }

    private mutating func setDefaults(_ directive: Directive) {
        closeChain()
        guard let list = directive.arguments.first, directive.arguments.count == 1 else {
            return problems.error(
                "arguments",
                "SecDefaultAction needs one list of actions",
                at: directive.name
            )
        }
        var builder = RuleBuilder(source: directive.name)
        let actions = ActionParser.parse(list, &problems)
        // `block` would mean the default itself.
        builder.apply(actions.filter { $0.name.lowercased != "block" }, &names, &problems)
        let disruptive = ["pass", "deny", "drop", "block", "allow", "redirect"]
        if !actions.contains(where: { disruptive.contains($0.name.lowercased) }) {
            problems.error(
                "defaults",
                "SecDefaultAction needs a disruptive action, if only `pass`",
                at: list
            )
        }
        if !actions.contains(where: { $0.name.lowercased == "phase" }) {
            problems.error("defaults", "SecDefaultAction needs a phase", at: list)
        }
        if builder.id != 0 || builder.message != nil {
            problems.error("defaults", "SecDefaultAction takes neither id nor msg", at: list)
        }
        defaults[builder.phase] = DefaultActions(
            disruption: builder.disruption,
            status: builder.status,
            redirect: builder.redirect,
            isLogged: builder.isLogged,
            transformations: builder.transformations
        )
    }
}
