@testable import Rules

/// What must hold for any bytes whatever; the first thing that does not is thrown.
public struct RuleViolation: Error {
    public let message: String
}

/// One part of the engine that reads hostile bytes.
public enum RuleTarget: String, CaseIterable, Sendable {
    case seclang, urlencoded, multipart, json, xml, cookies, gzip, transformations, sqli, xss, regex
    case expression, transaction, gates

    /// Whether any bytes are as good as any others: they only choose between ways to make something.
    public var isMadeOfChoices: Bool { self == .expression || self == .gates }

    /// How many inputs of others cost as much as one: rules are compiled for each.
    public var cost: UInt64 { self == .gates ? 50 : 1 }

    /// Runs the checks of this part over one input.
    public func check(_ input: [UInt8]) throws(RuleViolation) {
        switch self {
        case .seclang: checkSecLang(input)
        case .urlencoded: try checkArguments(input)
        case .multipart: checkMultipart(input)
        case .json: try checkJSON(input)
        case .xml: checkXML(input)
        case .cookies: checkCookies(input)
        case .gzip: try checkDecompression(input)
        case .transformations: try checkTransformations(input)
        case .sqli: input.withView { _ = SQLScanner.fingerprint(of: $0) }
        case .xss: input.withView { _ = HTMLScanner.findsScript(in: $0) }
        case .regex: try checkRegex(input)
        case .expression: try checkExpression(input)
        case .transaction: try checkTransaction(input)
        case .gates: try checkGates(input)
        }
    }
}

/// Throws if a condition does not hold.
func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(RuleViolation) {
    if !condition { throw RuleViolation(message: message()) }
}

/// A rule file of any bytes loads or is refused; what loads runs.
private func checkSecLang(_ input: [UInt8]) {
    var compiler = Compiler()
    // Data files are no part of this: a name of a device would never end.
    let text = String(decoding: input, as: UTF8.self).lowercased()
    if text.contains("file") || text.contains("include") || text.contains("pmf") { return }
    compiler.read(SourceFile(name: "fuzz.conf", bytes: input))
    guard let rules = try? RuleSet(compiler) else { return }
    run(rules, input, workspace(rules, usesGates: true))
}

private func workspace(_ rules: RuleSet, usesGates: Bool) -> Workspace {
    let workspace = Workspace(rules, budgetMilliseconds: 60_000)
    workspace.usesGates = usesGates
    return workspace
}

/// One transaction whose every part is made of the input; the ids that matched, none if a search came to no end.
@discardableResult
private func run(_ rules: RuleSet, _ input: [UInt8], _ workspace: Workspace) -> [Int]? {
    let transaction = Transaction(rules, workspace: workspace, mode: .detectionOnly, uniqueID: "1")
    let type = input.first.map { types[Int($0) % types.count] } ?? ""
    let parts = input.split(separator: 0x0A, maxSplits: 3, omittingEmptySubsequences: false)
    let kept = ["GET", "HTTP/1.1", "Content-Type", type, "Cookie", "User-Agent"].map {
        Constant(Array($0.utf8))
    }
    let owned = parts.map { Constant(Array($0)) }
    defer { withExtendedLifetime((kept, owned)) {} }
    func bytes(_ index: Int) -> UnsafeRawBufferPointer {
        unsafe raw(owned[index % owned.count])
    }
    unsafe transaction.setRequestLine(method: raw(kept[0]), target: bytes(1), version: raw(kept[1]))
    unsafe transaction.addRequestHeader(name: raw(kept[2]), value: raw(kept[3]))
    unsafe transaction.addRequestHeader(name: raw(kept[4]), value: bytes(0))
    unsafe transaction.addRequestHeader(name: raw(kept[5]), value: bytes(2))
    _ = transaction.evaluateRequestHead()
    _ = unsafe transaction.appendRequestBody(bytes(3))
    _ = transaction.evaluateRequestBody()
    unsafe transaction.setResponseLine(status: 200, version: raw(kept[1]))
    _ = transaction.evaluateResponseHead()
    _ = unsafe transaction.appendResponseBody(bytes(3))
    _ = transaction.evaluateResponseBody()
    transaction.evaluateLogging()
    return transaction.exhaustedSearchCount > 0 ? nil : transaction.matchedIDs
}

private func raw(_ constant: Constant) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: constant.view.address, count: constant.count)
}

private let types = [
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "application/json",
    "text/xml", "text/plain",
]

private let starterRules = Result {
    try RuleSet.load([
        #filePath.split(separator: "/").dropLast(5).map { "/" + $0 }.joined()
            + "/rules/starter.conf"
    ])
}

/// Gates change nothing but the time.
private func checkTransaction(_ input: [UInt8]) throws(RuleViolation) {
    guard case .success(let rules) = starterRules else {
        throw RuleViolation(message: "the starter rules do not load")
    }
    try compare(rules, with: rules, [input])
}

/// The same of rules and requests that the input makes up.
private func checkGates(_ input: [UInt8]) throws(RuleViolation) {
    var maker = GateMaker(Choices(input))
    let text = maker.rules()
    guard let rules = try? RuleSet.load(bytes: text, name: "fuzz.conf", []),
        let plain = try? RuleSet.load(bytes: text, name: "fuzz.conf", .runsEveryRule)
    else { return }
    let requests = (0..<3).map { _ in maker.request().lines }
    do throws(RuleViolation) {
        try compare(rules, with: plain, requests + requests)
    } catch {
        let rules = String(decoding: text, as: UTF8.self)
        let requests = requests.map { String(decoding: $0, as: UTF8.self) }
        throw RuleViolation(message: "\(error.message)\n\(rules)\(requests)")
    }
}

/// One workspace meets all requests, so that what it remembers of one may not hide anything in the next.
private func compare(_ rules: RuleSet, with plain: RuleSet, _ requests: [[UInt8]])
    throws(RuleViolation)
{
    let gates = workspace(rules, usesGates: true)
    for (number, request) in requests.enumerated() {
        let gated = run(rules, request, gates)
        let ungated = run(plain, request, workspace(plain, usesGates: false))
        guard let gated, let ungated else { continue }
        try require(gated == ungated, "request \(number): gated \(gated), ungated \(ungated)")
    }
}
