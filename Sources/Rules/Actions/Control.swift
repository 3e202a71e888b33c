/// `ctl`: changes the engine for the rest of one transaction.
///
///     SecRule REQUEST_URI "@beginsWith /upload" "id:1,phase:1,pass,nolog,ctl:ruleRemoveTargetById=942100;ARGS:text"
enum Control: Sendable {
    case engine(EngineMode)
    case requestBodyAccess(Bool)
    case responseBodyAccess(Bool)
    case requestBodyProcessor(BodyProcessor)
    case forceRequestBodyVariable(Bool)
    case removeRules(RuleSelection)
    case removeTarget(RuleSelection, TargetExclusion)
    /// Options that concern the audit log of other engines.
    case ignored

    private static let options = [
        "auditEngine", "auditLogParts", "debugLogLevel", "forceRequestBodyVariable",
        "requestBodyAccess",
        "requestBodyLimit",
        "requestBodyProcessor", "responseBodyAccess", "responseBodyLimit", "ruleEngine",
        "ruleRemoveById",
        "ruleRemoveByMsg",
        "ruleRemoveByTag", "ruleRemoveTargetById", "ruleRemoveTargetByMsg", "ruleRemoveTargetByTag",
    ]

    /// Reads `option=value`; a list of targets gives one control for each.
    static func read(_ text: SourceText, _ problems: inout ProblemList) -> [Control] {
        let equals = text.bytes.firstIndex(of: 0x3D) ?? text.count
        let name = text[0..<equals].trimmed
        let value = text.suffix(from: equals + 1).trimmed
        let controls: [Control]?
        switch name.lowercased {
        case "ruleengine": controls = Control.mode(value.lowercased).map { [.engine($0)] }
        case "requestbodyaccess": controls = Control.flag(value).map { [.requestBodyAccess($0)] }
        case "responsebodyaccess": controls = Control.flag(value).map { [.responseBodyAccess($0)] }
        case "forcerequestbodyvariable":
            controls = Control.flag(value).map { [.forceRequestBodyVariable($0)] }
        case "requestbodyprocessor":
            controls = BodyProcessor.named(value.text).map { [.requestBodyProcessor($0)] }
        case "auditengine", "auditlogparts", "debugloglevel": controls = [.ignored]
        case "requestbodylimit", "responsebodylimit":
            problems.warning(
                "no-effect",
                "\(name.text) has no effect in this engine",
                at: name,
                hint: "the directive of that name sets the limit for all requests"
            )
            controls = [.ignored]
        case "ruleremovebyid": controls = RuleSelection(ids: value).map { [.removeRules($0)] }
        case "ruleremovebytag": controls = RuleSelection(tag: value).map { [.removeRules($0)] }
        case "ruleremovebymsg": controls = RuleSelection(message: value).map { [.removeRules($0)] }
        case "ruleremovetargetbyid":
            controls = Control.targets(value, RuleSelection.init(ids:), &problems)
        case "ruleremovetargetbytag":
            controls = Control.targets(value, RuleSelection.init(tag:), &problems)
        case "ruleremovetargetbymsg":
            controls = Control.targets(value, RuleSelection.init(message:), &problems)
        default:
            problems.error(
                "unknown-ctl",
                "unknown ctl option `\(name.text)`",
                at: name,
                hint: NearestName.hint(name.text, in: Control.options)
            )
            return []
        }
        guard let controls else {
            problems.error(
                "ctl-value",
                "`\(value.text)` is not a value for \(name.text)",
                at: value
            )
            return []
        }
        return controls
    }

    static func mode(_ word: String) -> EngineMode? {
        switch word {
        case "on": .on
        case "off": .off
        case "detectiononly": .detectionOnly
        default: nil
        }
    }

    static func flag(_ text: SourceText) -> Bool? {
        switch text.lowercased {
        case "on": true
        case "off": false
        default: nil
        }
    }

    /// `selection;TARGET|TARGET`
    private static func targets(
        _ text: SourceText,
        _ makeSelection: (SourceText) -> RuleSelection?,
        _ problems: inout ProblemList
    ) -> [Control]? {
        guard let semicolon = text.bytes.firstIndex(of: 0x3B),
            let selection = makeSelection(text[0..<semicolon].trimmed)
        else { return nil }
        let list = text.suffix(from: semicolon + 1).trimmed
        let targets = TargetParser.parse(list, &problems)
        let exclusions = targets.compactMap { TargetExclusion($0, &problems) }
        return exclusions.isEmpty ? nil : exclusions.map { .removeTarget(selection, $0) }
    }
}
