/// The actions of SecLang, by their names.
enum ActionName: String, CaseIterable, Sendable {
    case accuracy, allow, append, auditlog, block, capture, chain, ctl, deny, deprecatevar, drop,
        expirevar, id
    case initcol, log, logdata, maturity, msg, multiMatch, noauditlog, nolog, pass, pause, phase,
        prepend, proxy,
        redirect, rev
    case sanitiseArg, sanitiseMatched, sanitiseMatchedBytes, sanitiseRequestHeader,
        sanitiseResponseHeader
    case setenv, setrsc, setsid, setuid, setvar, severity, skip, skipAfter, status, t, tag, ver,
        xmlns

    static func named(_ name: String) -> ActionName? {
        let folded = name.lowercased()
        return allCases.first { $0.rawValue.lowercased() == folded }
    }

    /// Actions that are known and refused, and why.
    static let refused = ["exec": "no scripts or processes run on the data path"]

    /// Actions that mean something to other engines only.
    var isIgnored: Bool {
        switch self {
        case .append, .prepend, .proxy, .pause, .deprecatevar: true
        default: false
        }
    }

    /// Actions that carry no value.
    var takesNoValue: Bool {
        switch self {
        case .auditlog, .block, .capture, .chain, .deny, .drop, .log, .multiMatch, .noauditlog,
            .nolog, .pass:
            true
        default: false
        }
    }
}
