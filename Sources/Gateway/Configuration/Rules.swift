extension Configuration {
    /// The web application firewall; its policy stays in SecLang files.
    struct Rules: Sendable, Equatable {
        /// `block` refuses what the rules disrupt, `detect` only logs it, `off` evaluates nothing. Default null:
        /// `SecRuleEngine` in the rule files decides.
        var mode: RulesMode?
        /// Rule files and globs, loaded in this order. Default none.
        var files: [String] = []
        /// The paranoia level, 1 to 4, whatever the rule files say. Default null: they decide.
        var paranoia: Int?
        /// How long the rules may keep a worker busy with one request. Default 50ms; 1ms to 10s.
        var budget = Duration.milliseconds(50)
        /// What happens to a request whose budget is spent before it was inspected to the end. Default block: what was
        /// not inspected could hold the attack that the rest was meant to hide.
        var onBudget = BudgetPolicy.block
        /// Whether loopback clients see the matched rules in `X-Waf-Rules`; a debugging switch. Default false.
        var report = false
        /// Whether request bodies are inspected (phase 2 with `REQUEST_BODY`). Default true.
        var requestBody = true
        /// Where `IP`, `GLOBAL`, `SESSION`, `USER` and `RESOURCE` are kept. Default memory.
        var collections = Collections.memory
    }

    /// Where rules remember what lasts longer than a request.
    enum Collections: String, Sendable, CaseIterable {
        /// In this gateway alone.
        case memory
        /// In each gateway, brought together in Redis a few times a second.
        case redis
    }

    /// What happens to a request that could not be inspected to its end in time. Either way the security log says so.
    enum BudgetPolicy: String, Sendable, CaseIterable {
        /// It goes on.
        case pass
        /// It is answered with 503.
        case block
    }

    /// What happens to a request that the rules would disrupt.
    enum RulesMode: String, Sendable, CaseIterable {
        case block
        case detect
        case off
    }
}
