/// A rule between parsing and compiling; update directives change it.
struct RuleBuilder: Sendable {
    enum Flow: Sendable {
        case skip(Int)
        case skipAfter(SourceText)
    }

    let source: SourceText
    var id = 0
    var phase = 2
    var targets: [TargetDefinition] = []
    var exclusions: [TargetExclusion] = []
    /// Nil for `SecAction`.
    var test: (any Operator)?
    var testName: OperatorName?
    var isNegated = false
    /// The parameter of the operator as written.
    var parameter: SourceText?
    /// As written, for messages.
    var actions: [ActionDefinition] = []
    var transformations: [Transformation] = []
    var effects: [Effect] = []
    var disruption = Disruption.pass
    var status: Int?
    var redirect: Macro?
    var flow: Flow?
    var isCapturing = false
    var isMultiMatch = false
    var isLogged = true
    var isChained = false
    var severity: Severity?
    var message: Macro?
    var messageText = ""
    var logData: Macro?
    var tags: [Macro] = []
    var tagTexts: [String] = []
    var version = ""
    var revision = ""
    /// The rules of the chain behind this one.
    var links: [RuleBuilder] = []

    init(source: SourceText) { self.source = source }
}

/// What a rule does when it matches, besides ending the transaction.
enum Effect: Sendable {
    case setVariable(SetVariable)
    case control(Control)
    /// `initcol`, `setsid`, `setuid`, `setrsc`: a persistent collection under a name.
    case openCollection(Variable, named: Macro)
    /// `expirevar`
    case expire(Variable, name: Macro, seconds: Macro)
    /// `setenv`
    case setEnvironment(name: Macro, value: Macro)
    /// `sanitise…`: a value that no log may show; nil for whatever the rule matched.
    case redact(Variable, name: Constant?)
}

/// `SecDefaultAction` of one phase.
struct DefaultActions {
    var disruption = Disruption.pass
    var status: Int?
    var redirect: Macro?
    var isLogged = true
    var transformations: [Transformation] = []
}
