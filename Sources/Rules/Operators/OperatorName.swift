/// The operators of SecLang, by their names.
enum OperatorName: String, CaseIterable, Sendable {
    case beginsWith, contains, containsWord, detectSQLi, detectXSS, endsWith, eq, ge, geoLookup, gt
    case ipMatch, ipMatchF, ipMatchFromDataset, ipMatchFromFile
    case le, lt, noMatch, pm, pmf, pmFromDataset, pmFromFile, rbl, rx, rxGlobal, streq, strmatch,
        unconditionalMatch
    case validateByteRange, validateNid, validateUrlEncoding, validateUtf8Encoding
    case verifyCC, verifyCPF, verifySSN, verifySVNR, within

    static func named(_ name: String) -> OperatorName? {
        let folded = name.lowercased()
        return allCases.first { $0.rawValue.lowercased() == folded }
    }

    /// Operators that are known and refused, and why.
    static let refused: [String: String] = [
        "inspectfile": "no scripts or processes run on the data path",
        "gsblookup": "the lookup service no longer exists",
        "fuzzyhash": "fuzzy hashes are not supported",
        "validateschema": "XML schemas are not supported",
        "validatedtd": "document type definitions are not supported",
        "rsub": "values are never rewritten",
    ]

    /// Why the operator is accepted and never matches; nil for all others.
    var deadReason: String? {
        switch self {
        case .rbl: "no DNS query while a request waits; use @ipMatchFromFile with a list"
        default: nil
        }
    }

    /// The comparison of a numeric operator.
    var relation: NumericComparison.Relation? {
        switch self {
        case .eq: .equal
        case .ge: .greaterOrEqual
        case .gt: .greater
        case .le: .lessOrEqual
        case .lt: .less
        default: nil
        }
    }

    /// The operator with its parameter. `text` is the parameter as written, `macro` the same with its macros split.
    func make(
        _ text: SourceText,
        _ macro: Macro,
        _ data: DataSets = DataSets()
    ) throws(ParameterError) -> any Operator {
        switch self {
        case .beginsWith: BeginsWith(macro)
        case .contains, .strmatch: Contains(macro)
        case .containsWord: ContainsWord(macro)
        case .detectSQLi: DetectSQLi()
        case .detectXSS: DetectXSS()
        case .endsWith: EndsWith(macro)
        case .eq: NumericComparison(.equal, macro)
        case .ge: NumericComparison(.greaterOrEqual, macro)
        case .gt: NumericComparison(.greater, macro)
        case .le: NumericComparison(.lessOrEqual, macro)
        case .lt: NumericComparison(.less, macro)
        case .ipMatch: try IPMatch(text.bytes)
        case .ipMatchF, .ipMatchFromFile: try IPMatch(file: text)
        case .ipMatchFromDataset: try IPMatch(lines: data.lines(text))
        case .geoLookup: GeoLookup()
        case .noMatch, .rbl: NoMatch()
        case .pm: try PhraseMatch(text)
        case .pmf, .pmFromFile: try PhraseMatch(files: text)
        case .pmFromDataset: try PhraseMatch(phrases: data.lines(text))
        case .rx where ExpandedRegexMatch.isNeeded(text): ExpandedRegexMatch(macro)
        case .rx: try RegexMatch(text.bytes)
        case .rxGlobal: try RegexGlobalMatch(text.bytes)
        case .streq: StringEquals(macro)
        case .unconditionalMatch: UnconditionalMatch()
        case .validateByteRange: try ValidateByteRange(text.bytes)
        case .validateNid: try ValidateNid(text.bytes)
        case .validateUrlEncoding: ValidateURLEncoding()
        case .validateUtf8Encoding: ValidateUTF8Encoding()
        case .verifyCC: try VerifiedNumber(text.bytes, VerifyCC.isValid)
        case .verifyCPF: try VerifiedNumber(text.bytes, VerifyCPF.isValid)
        case .verifySSN: try VerifiedNumber(text.bytes, VerifySSN.isValid)
        case .verifySVNR: try VerifiedNumber(text.bytes, VerifySVNR.isValid)
        case .within: Within(macro)
        }
    }
}
