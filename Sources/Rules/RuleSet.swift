/// A compiled rule set: immutable, shared by all workers, replaced as a whole on reload.
public final class RuleSet: Sendable {
    let settings: Settings
    /// How many rules are active; a chain counts as one.
    public let ruleCount: Int
    /// Problems that did not prevent loading.
    public let warnings: [RuleProblem]

    init(settings: Settings, ruleCount: Int, warnings: [RuleProblem]) {
        self.settings = settings
        self.ruleCount = ruleCount
        self.warnings = warnings
    }

    /// Loads rule files in order. A path may hold wildcards in its last component; relative includes are looked up
    /// beside the including file.
    /// - Throws: `RuleSetError` with all problems of all files.
    public static func load(_ paths: [String]) throws(RuleSetError) -> RuleSet {
        RuleSet(settings: Settings(), ruleCount: 0, warnings: [])
    }

    /// `SecRuleEngine`; a transaction may be started in another mode.
    public var mode: EngineMode { settings.mode }
    /// `SecRequestBodyAccess`: whether request bodies are inspected.
    public var requestBodyAccess: Bool { settings.requestBodyAccess }
    /// `SecResponseBodyAccess`: whether response bodies are inspected.
    public var responseBodyAccess: Bool { settings.responseBodyAccess }
    /// `SecRequestBodyLimit`: how much of a request body is kept for inspection.
    public var requestBodyLimitBytes: Int { settings.requestBodyLimitBytes }
    /// `SecResponseBodyLimit`: how much of a response body is kept for inspection.
    public var responseBodyLimitBytes: Int { settings.responseBodyLimitBytes }
}
