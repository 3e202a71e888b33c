import Testing

@testable import Rules

/// Where the published cases say nothing: as libmodsecurity has it, or better.
@Suite struct TransformationTests {
    @Test(arguments: [
        (Transformation.utf8toUnicode, "a\u{C0}\u{BC}b", "a%u003cb"),
        (.utf8toUnicode, "\u{E0}\u{80}\u{BC}\u{F0}\u{80}\u{80}\u{BE}", "%u003c%u003e"),
        (.utf8toUnicode, "\u{ED}\u{A0}\u{80}", "%ud800"), (.utf8toUnicode, "\u{C3}(", "\u{C3}("),
        (.utf8toUnicode, "\u{F4}\u{90}\u{80}\u{80}", "\u{F4}\u{90}\u{80}\u{80}"),
        (.removeComments, "#", ""), (.removeComments, "--a", ""), (.removeComments, "a/*b", "a "),
        (.removeComments, "/*b*/", "\0"), (.removeComments, "a<!--b-->c", "ac"),
        (.urlEncode, "a-_.*9 ", "a%2d%5f%2e*9+"),
        (.base64Decode, "PHNj\r\ncmlw\ndD4=", "<script>"), (.base64Decode, "PHNj cmlw", "<sc"),
        (.base64Decode, "UFVU=UFVU", "PUT"), (.base64Decode, "PHNjcg", "<scr"),
        (.base64DecodeExt, "=PHNjcmlwdD4=", "<script>"),
        (.base64DecodeExt, "PH=N=jcmlwdD4=", "<script>"),
        (.base64DecodeExt, "QQ==A", "A\0"), (.sqlHexDecode, "x=0x41a", "x=Aa"),
        (.sqlHexDecode, "0x410", "A0"), (.sqlHexDecode, "0xff0xFF", "\u{FF}\u{FF}"),
        (.cssDecode, "a\\0b", "a\u{0B}"), (.cssDecode, "\\0 b", "\0b"),
        (.normalizePath, "/a/...", "/a/..."),
        (.normalizePath, "/etc/x../passwd", "/etc/x../passwd"), (.normalizePath, "/..", "/"),
        (.normalizePathWin, "\\\\host\\", "/host/"), (.normalizePathWin, "\\..", "/"),
        (.parityEven7bit, "\u{B7}9", "79"), (.parityOdd7bit, "\u{D0}$", "P\u{A4}"),
    ])
    func `Bytes become what they should`(
        transformation: Transformation,
        input: String,
        output: String
    ) throws {
        let changed = try Bench().run(transformation, input: ConformanceData.bytes(input))
        #expect(ConformanceData.text(changed) == output)
    }
}

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
