@testable import Rules

/// What must hold for any bytes whatever; the first thing that does not is thrown.
public struct RuleViolation: Error {
    public let message: String
}

/// One part of the engine that reads hostile bytes.
public enum RuleTarget: String, CaseIterable, Sendable {
    case seclang, urlencoded, multipart, json, xml, cookies, gzip, transformations, sqli, xss, regex
    case transaction

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
        case .transaction: try checkTransaction(input)
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
    run(rules, input, usesGates: true)
}

/// One transaction whose every part is made of the input; the ids that matched.
@discardableResult
private func run(_ rules: RuleSet, _ input: [UInt8], usesGates: Bool) -> [Int] {
    let workspace = Workspace(rules, budgetMilliseconds: 60_000)
    workspace.usesGates = usesGates
    let transaction = Transaction(rules, workspace: workspace, mode: .detectionOnly, uniqueID: "1")
    let type = input.first.map { types[Int($0) % types.count] } ?? ""
    let parts = input.split(separator: 0x0A, maxSplits: 3, omittingEmptySubsequences: false)
    let kept = ["GET", "HTTP/1.1", "Content-Type", type, "Cookie", "User-Agent"].map {
        Constant(Array($0.utf8))
    }
    let owned = parts.map { Constant(Array($0)) }
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
    return transaction.matchedIDs
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
    let gated = run(rules, input, usesGates: true)
    let ungated = run(rules, input, usesGates: false)
    try require(gated == ungated, "gated \(gated), ungated \(ungated)")
}
