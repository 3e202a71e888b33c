extension Configuration {
    /// The web application firewall; its policy stays in SecLang files.
    struct Rules: Sendable, Equatable {
        /// `block` refuses what the rules disrupt, `detect` only logs it, `off` evaluates nothing. Default null:
        /// `SecRuleEngine` in the rule files decides.
        var mode: RulesMode?
        /// Rule files and globs, loaded in this order. Default none.
        var files: [String] = []
        /// Whether loopback clients see the matched rules in `X-Waf-Rules`; a debugging switch. Default false.
        var report = false
        /// Whether request bodies are inspected (phase 2 with `REQUEST_BODY`). Default true.
        var requestBody = true
    }

    /// What happens to a request that the rules would disrupt.
    enum RulesMode: String, Sendable, CaseIterable {
        case block
        case detect
        case off
    }
}
