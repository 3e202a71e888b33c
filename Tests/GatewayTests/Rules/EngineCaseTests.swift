import Foundation
import Rules
import Testing

@testable import Gateway

/// Every published case, through the same code that answers the JSON lines of `haniel rules`.
@Suite(
    .enabled(
        if: EngineCases.isPresent,
        "the public engine cases (../shared/waf) are not on this machine"
    )
)
struct EngineCaseTests {
    @Test func `Operators answer as published`() throws {
        let probe = try RuleProbe()
        let root = JSONValue.text(EngineCases.folder + "/operators")
        var failures: [String] = []
        for row in try EngineCases.arrays("operators") {
            let answer = RuleTools.EvalOperator.answer(
                EngineCases.line(row, ("file_root", root)),
                probe
            )
            let groups = row["re_groups"].map { $0.array?.map { EngineCases.latin($0) } ?? [] }
            let found = (answer["groups"]?.array ?? []).map { EngineCases.latin($0) }
            if answer["ret"]?.integer != row["ret"]?.integer || groups.map({ $0 != found }) ?? false {
                failures.append(Self.key(row))
            }
        }
        expect(failures, in: EngineCaseExceptions.operators)
    }

    @Test func `Transformations change what is published`() throws {
        let probe = try RuleProbe()
        var failures: [String] = []
        for row in try EngineCases.arrays("transformations") {
            let answer = RuleTools.EvalTransformation.answer(row, probe)
            if EngineCases.latin(answer["output"]) != EngineCases.latin(row["output"])
                || answer["ret"]?.integer != row["ret"]?.integer
            {
                failures.append(Self.key(row))
            }
        }
        expect(failures, in: EngineCaseExceptions.transformations)
    }

    @Test(arguments: ["scenarios.jsonl", "scenarios-trace.jsonl"])
    func `Whole transactions end as published`(file: String) throws {
        let service = RunService(folder: EngineCases.folder)
        let rows = try EngineCases.lines(file)
        var failures: [String: String] = [:]
        for row in rows {
            let name = row["name"]?.text ?? ""
            if let failure = ScenarioExpectation(row["expect"]).failure(of: service.answer(row)) {
                failures[name] = failure
            }
        }
        let unexpected = failures.filter { EngineCaseExceptions.scenarios[$0.key] == nil }
        #expect(unexpected.isEmpty, "\(Self.list(unexpected))")
        let names = Set(rows.compactMap { $0["name"]?.text })
        let stale = EngineCaseExceptions.scenarios.keys.filter {
            names.contains($0) && failures[$0] == nil
        }
        #expect(stale.isEmpty, "these pass and are no exceptions any more: \(stale.sorted())")
    }

    /// The published verdicts are those of one detector, not the truth: agreement is the measure.
    @Test(arguments: ["sqli", "xss"])
    func `Detectors agree with the published verdicts`(kind: String) throws {
        let probe = try RuleProbe()
        var count = [true: 0, false: 0]
        var agreed = [true: 0, false: 0]
        for row in try EngineCases.lines("detectors/\(kind).jsonl") {
            let expected = row["expect"]?["hit"]?.bool ?? false
            count[expected, default: 0] += 1
            if RuleTools.EvalLibinjection.answer(row, probe)["hit"]?.bool == expected {
                agreed[expected, default: 0] += 1
            }
        }
        let floor = EngineCaseExceptions.detectorFloors[kind] ?? (hits: 1, others: 1)
        let hits = Double(agreed[true] ?? 0) / Double(max(count[true] ?? 0, 1))
        let others = Double(agreed[false] ?? 0) / Double(max(count[false] ?? 0, 1))
        #expect(hits >= floor.hits, "\(agreed) of \(count)")
        #expect(others >= floor.others, "\(agreed) of \(count)")
    }

    private static func key(_ row: JSONValue) -> String {
        "\(EngineCases.latin(row["name"])) \(EngineCases.latin(row["param"])) | \(EngineCases.latin(row["input"]))"
    }

    private static func list(_ failures: [String: String]) -> String {
        failures.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "\n")
    }

    private func expect(_ failures: [String], in exceptions: [String: String]) {
        let unexpected = failures.filter { exceptions[$0] == nil }
        #expect(unexpected.isEmpty, "\(unexpected.joined(separator: "\n"))")
    }
}
