import Testing

@testable import Gateway

@Suite struct ContentPaceTests {
    private static let second: UInt64 = 1_000_000_000

    @Test(
        arguments: [
            (0, 0, 10), (0, 5000, 20), (10, 0, 0), (11, 0, 0), (12, 1000, 0), (11, 1000, 1),
            (0, Int.max, 100), (90, 1 << 30, 10), (100, 1 << 30, 0), (200, 1 << 30, 0), (0, -1, 10),
        ] as [(UInt64, Int, UInt64)]
    )
    func `Patience grows with what has come, up to the end of all patience`(
        _ waited: UInt64,
        _ received: Int,
        _ expected: UInt64
    ) {
        let pace = ContentPace(bytesPerSecond: 500, totalNanoseconds: 100 * Self.second)
        let patience = pace.patienceNanoseconds(waited: waited * Self.second, received: received)
        #expect(patience == expected * Self.second)
    }

    @Test func `Without a limit there is no end of patience`() {
        let patience = ContentPace.unlimited.patienceNanoseconds(waited: 1 << 60, received: 0)
        #expect(patience > 1 << 62)
    }
}
