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

    /// Reads `option=value`.
    init?(_ text: SourceText, _ problems: inout ProblemList) {
        let equals = text.bytes.firstIndex(of: 0x3D) ?? text.count
        let name = text[0..<equals].trimmed
        let value = text.suffix(from: equals + 1).trimmed
        let control: Control?
        switch name.lowercased {
        case "ruleengine": control = Control.mode(value.lowercased).map { .engine($0) }
        case "requestbodyaccess": control = Control.flag(value).map { .requestBodyAccess($0) }
        case "responsebodyaccess": control = Control.flag(value).map { .responseBodyAccess($0) }
        case "forcerequestbodyvariable":
            control = Control.flag(value).map { .forceRequestBodyVariable($0) }
        case "requestbodyprocessor":
            control = BodyProcessor.named(value.text).map { .requestBodyProcessor($0) }
        case "auditengine", "auditlogparts", "debugloglevel", "requestbodylimit",
            "responsebodylimit":
            control = .ignored
        case "ruleremovebyid": control = RuleSelection(ids: value).map { .removeRules($0) }
        case "ruleremovebytag": control = RuleSelection(tag: value).map { .removeRules($0) }
        case "ruleremovebymsg": control = RuleSelection(message: value).map { .removeRules($0) }
        case "ruleremovetargetbyid":
            control = Control.target(value, RuleSelection.init(ids:), &problems)
        case "ruleremovetargetbytag":
            control = Control.target(value, RuleSelection.init(tag:), &problems)
        case "ruleremovetargetbymsg":
            control = Control.target(value, RuleSelection.init(message:), &problems)
        default:
            problems.error(
                "unknown-ctl",
                "unknown ctl option `\(name.text)`",
                at: name,
                hint: NearestName.hint(name.text, in: Control.options)
            )
            return nil
        }
        guard let control else {
            problems.error(
                "ctl-value",
                "`\(value.text)` is not a value for \(name.text)",
                at: value
            )
            return nil
        }
        self = control
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

    /// `selection;TARGET`
    private static func target(
        _ text: SourceText,
        _ makeSelection: (SourceText) -> RuleSelection?,
        _ problems: inout ProblemList
    ) -> Control? {
        guard let semicolon = text.bytes.firstIndex(of: 0x3B),
            let selection = makeSelection(text[0..<semicolon].trimmed)
        else { return nil }
        let list = text.suffix(from: semicolon + 1).trimmed
        guard let target = TargetParser.parse(list, &problems).first else { return nil }
        return TargetExclusion(target, &problems).map { .removeTarget(selection, $0) }
    }
}
