import HTTP
import Testing

@testable import Gateway

@Suite struct ByteRangeTests {
    static let rows: [(String, Int, ByteRange)] = [
        ("bytes=0-0", 10, .part(0..<1)),
        ("bytes=0-9", 10, .part(0..<10)),
        ("bytes=0-99", 10, .part(0..<10)),
        ("bytes=5-", 10, .part(5..<10)),
        ("bytes=9-", 10, .part(9..<10)),
        ("bytes=-3", 10, .part(7..<10)),
        ("bytes=-99", 10, .part(0..<10)),
        ("BYTES=1-2", 10, .part(1..<3)),
        ("bytes= 1-2 ", 10, .part(1..<3)),
        ("bytes=0-18446744073709551616", 10, .part(0..<10)),
        ("bytes=10-", 10, .unsatisfiable),
        ("bytes=10-20", 10, .unsatisfiable),
        ("bytes=99999999999999999999-", 10, .unsatisfiable),
        ("bytes=-0", 10, .unsatisfiable),
        ("bytes=0-", 0, .unsatisfiable),
        ("bytes=-1", 0, .whole),
        ("bytes=5-4", 10, .whole),
        ("bytes=0-1,3-4", 10, .whole),
        ("bytes=", 10, .whole),
        ("bytes=-", 10, .whole),
        ("bytes=a-b", 10, .whole),
        ("bytes=1", 10, .whole),
        ("bytes=--1", 10, .whole),
        ("bytes=+1-2", 10, .whole),
        ("bytes=1-2-3", 10, .whole),
        ("bytes 1-2", 10, .whole),
        ("items=1-2", 10, .whole),
        ("", 10, .whole),
    ]

    @Test(arguments: rows)
    func `A range is a part, all, or nothing of a representation`(
        value: String,
        length: Int,
        expected: ByteRange
    ) {
        viewing(value) { #expect(ByteRange($0, length: length) == expected) }
    }
}
