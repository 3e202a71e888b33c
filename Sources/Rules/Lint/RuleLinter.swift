/// Looks for what loads and yet cannot be meant.
struct RuleLinter {
    var problems: ProblemList
    private(set) var costs: [RuleCost] = []
    let settings: Settings
    /// Rules and markers in file order, after all updates.
    let elements: [Compiler.Element]
    let removed: [(rule: RuleBuilder, place: SourceText)]
    let matcher: Matcher

    init(_ compiler: Compiler, problems: ProblemList) {
        self.problems = problems
        settings = compiler.settings
        elements = compiler.elements
        removed = compiler.removed
        matcher = compiler.matcher
    }

    /// The heads of all rules.
    var heads: [RuleBuilder] {
        elements.compactMap { if case .rule(let rule) = $0 { rule } else { nil } }
    }

    mutating func run() {
        let heads = heads
        for head in heads {
            for rule in [head] + head.links {
                checkPattern(rule)
                checkTransformations(rule)
                checkExclusions(rule)
                checkPhase(rule, head)
            }
        }
        costs = heads.flatMap { [$0] + $0.links }.compactMap(RuleCost.init)
        checkFlow()
        checkVariables(heads)
        checkRemovals(heads)
        checkSelections(heads)
        checkCollections(heads)
        checkConventions(heads)
    }
}

extension RuleBuilder {
    /// Where an action stands, for messages; the rule's beginning if it is not written there.
    func place(of name: String, value: String? = nil) -> SourceText {
        let found = actions.last { action in
            action.name.lowercased == name
                && (value == nil || action.value?.text.lowercased().hasPrefix(value ?? "") == true)
        }
        return found.map { $0.value ?? $0.name } ?? source
    }

    /// The head and the links of its chain.
    var chain: [RuleBuilder] { [self] + links }
}
