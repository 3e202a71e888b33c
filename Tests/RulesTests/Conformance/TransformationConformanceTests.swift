import Testing

@testable import Rules

@Suite(
    .enabled(
        if: ConformanceData.isPresent,
        "the public test cases (../shared/waf) are not on this machine"
    )
)
struct TransformationConformanceTests {
    private struct Case: Decodable {
        let name: String
        let input: String
        let output: String
    }

    @Test(arguments: ConformanceData.files("engine/transformations"))
    func `Transformations change what is published`(file: String) throws {
        let bench = try Bench()
        for row in try ConformanceData.decode([Case].self, "engine/transformations/" + file) {
            let transformation = try #require(Transformation.named(row.name))
            let output = bench.run(transformation, input: ConformanceData.bytes(row.input))
            #expect(ConformanceData.text(output) == row.output, "\(row)")
        }
    }

    /// Values that a transformation cannot change must be known as such, or rules would be skipped wrongly.
    @Test(arguments: ConformanceData.files("engine/transformations"))
    func `A value that changes holds a byte the transformation is activated by`(file: String) throws {
        for row in try ConformanceData.decode([Case].self, "engine/transformations/" + file)
        where row.input != row.output && !row.output.isEmpty {
            let activation = try #require(Transformation.named(row.name)).activation
            let input = ConformanceData.bytes(row.input)
            if let bytes = activation.bytes {
                #expect(input.contains { bytes.contains($0) }, "\(row)")
            }
            if !activation.sequences.isEmpty {
                let isActive = input.withView { view in
                    activation.sequences.contains { view.contains($0) }
                        || activation.strayBytes.contains { view.contains($0) }
                }
                #expect(isActive, "\(row)")
            }
        }
    }
}
