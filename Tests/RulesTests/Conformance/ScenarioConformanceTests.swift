import Foundation
import Testing

@testable import Rules

@Suite(
    .enabled(
        if: ConformanceData.isPresent,
        "the public test cases (../shared/waf) are not on this machine"
    )
)
struct ScenarioConformanceTests {
    /// How many of the 254 scenarios hold today; it may only grow.
    private static let passingFloor = 247

    private struct Scenario: Decodable {
        struct Client: Decodable {
            let ip: String?
            let port: Int?
        }

        struct Stop: Decodable {
            let id: Int?
            let action: String?
            let status: Int?
        }

        struct Expectation: Decodable {
            let httpCode: Int?
            let interruption: Stop?
            let logged: [Int]?
            let notLogged: [Int]?
            let matched: [Int]?
            let notMatched: [Int]?
            let parserError: Bool?
        }

        let name: String
        let rules: [String]?
        let client: Client?
        let method: String?
        let uri: String?
        let version: String?
        let headers: [[String]]?
        let body: String?
        let status: Int?
        let responseHeaders: [[String]]?
        let responseBody: String?
        let expect: Expectation
    }

    @Test func `Whole transactions end as published`() throws {
        let text = try String(
            contentsOfFile: ConformanceData.folder + "/engine/scenarios.jsonl",
            encoding: .utf8
        )
        var failures: [String] = []
        var count = 0
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        for line in text.split(separator: "\n") {
            let scenario = try decoder.decode(Scenario.self, from: Data(line.utf8))
            count += 1
            if let failure = Self.failure(of: scenario) {
                failures.append("\(scenario.name): \(failure)")
            }
        }
        if let path = ProcessInfo.processInfo.environment["SCENARIO_REPORT"] {
            try failures.joined(separator: "\n").write(
                toFile: path,
                atomically: true,
                encoding: .utf8
            )
        }
        #expect(count - failures.count >= Self.passingFloor, "\(failures.joined(separator: "\n"))")
    }

    private static func failure(of scenario: Scenario) -> String? {
        let name = ConformanceData.folder + "/engine/scenario.conf"
        let rules: RuleSet
        do {
            rules = try RuleSet.load(
                text: (scenario.rules ?? []).joined(separator: "\n"),
                name: name
            )
        } catch {
            return scenario.expect.parserError == true
                ? nil : "refused: \(error.problems.first?.message ?? "")"
        }
        if scenario.expect.parserError == true { return "accepted" }
        let run = ScenarioRun(rules)
        run.run(
            client: scenario.client?.ip ?? "127.0.0.1",
            port: scenario.client?.port ?? 0,
            method: scenario.method ?? "GET",
            uri: scenario.uri ?? "/",
            version: scenario.version ?? "1.1",
            headers: scenario.headers ?? [],
            body: scenario.body ?? "",
            status: scenario.status ?? 200,
            responseHeaders: scenario.responseHeaders ?? [],
            responseBody: scenario.responseBody ?? ""
        )
        let logged = run.transaction.matches.filter(\.isLogged).map(\.id)
        let matched = run.transaction.matchedIDs
        let expected = scenario.expect
        if let code = expected.httpCode, code != run.interruption?.status ?? 200 {
            return "status \(run.interruption?.status ?? 200), not \(code)"
        }
        if let stop = expected.interruption {
            guard let interruption = run.interruption else { return "no interruption" }
            if let id = stop.id, id != interruption.ruleID {
                return "interrupted by \(interruption.ruleID)"
            }
        }
        if let missing = expected.logged?.first(where: { !logged.contains($0) }) {
            return "\(missing) is not logged"
        }
        if let extra = expected.notLogged?.first(where: logged.contains) {
            return "\(extra) is logged"
        }
        if let missing = expected.matched?.first(where: { !matched.contains($0) }) {
            return "\(missing) does not match"
        }
        if let extra = expected.notMatched?.first(where: matched.contains) {
            return "\(extra) matches"
        }
        return nil
    }
}

/// One transaction from texts that carry bytes.
final class ScenarioRun {
    let transaction: Transaction
    private(set) var interruption: Interruption?
    private var owned: [Bytes] = []

    init(_ rules: RuleSet) {
        transaction = Transaction(
            rules,
            workspace: Workspace(rules),
            mode: rules.mode,
            uniqueID: "unique"
        )
    }

    @unsafe private func keep(_ text: String) -> UnsafeRawBufferPointer {
        let kept = Bytes(ConformanceData.bytes(text))
        owned.append(kept)
        return unsafe kept.view
    }

    func run(
        client: String,
        port: Int,
        method: String,
        uri: String,
        version: String,
        headers: [[String]],
        body: String,
        status: Int,
        responseHeaders: [[String]],
        responseBody: String
    ) {
        interruption = request(client, port, method, uri, version, headers, body)
        if interruption == nil {
            interruption = response(version, status, responseHeaders, responseBody)
        }
        transaction.evaluateLogging()
    }

    private func request(
        _ client: String,
        _ port: Int,
        _ method: String,
        _ uri: String,
        _ version: String,
        _ headers: [[String]],
        _ body: String
    ) -> Interruption? {
        transaction.setConnection(
            clientAddress: client,
            clientPort: port,
            serverAddress: "127.0.0.1",
            serverPort: 80
        )
        unsafe transaction.setRequestLine(
            method: keep(method),
            target: keep(uri),
            version: keep("HTTP/" + version)
        )
        for header in headers where header.count == 2 {
            unsafe transaction.addRequestHeader(name: keep(header[0]), value: keep(header[1]))
        }
        if let interruption = transaction.evaluateRequestHead() { return interruption }
        if transaction.wantsRequestBody, !body.isEmpty {
            if let interruption = unsafe transaction.appendRequestBody(keep(body)) {
                return interruption
            }
        }
        return transaction.evaluateRequestBody()
    }

    private func response(_ version: String, _ status: Int, _ headers: [[String]], _ body: String)
        -> Interruption?
    {
        unsafe transaction.setResponseLine(status: status, version: keep("HTTP/" + version))
        for header in headers where header.count == 2 {
            unsafe transaction.addResponseHeader(name: keep(header[0]), value: keep(header[1]))
        }
        if let interruption = transaction.evaluateResponseHead() { return interruption }
        if transaction.wantsResponseBody, !body.isEmpty {
            if let interruption = unsafe transaction.appendResponseBody(keep(body)) {
                return interruption
            }
        }
        return transaction.evaluateResponseBody()
    }
}
