import Testing

@testable import Gateway

@Suite struct OverloadMeterTests {
    @Test(arguments: [
        (0, OverloadLevel.none), (699, .none), (700, .noKeepAlive), (800, .smallBuffers),
        (850, .newcomersWait), (900, .refusing), (950, .notAccepting), (2000, .notAccepting),
    ])
    func `Memory in use decides what is left undone`(_ permille: Int, _ level: OverloadLevel) {
        var meter = OverloadMeter()
        meter.measure(memoryPermille: permille, delayNanoseconds: 0)
        #expect(meter.level == level)
    }

    @Test(
        arguments: [
            (0, .none), (999, .none), (1000, .newcomersWait), (3000, .refusing),
            (6000, .notAccepting), (60_000, .notAccepting),
        ] as [(UInt64, OverloadLevel)]
    )
    func `A queue that is too long is shortened, not drained by closing connections`(
        _ milliseconds: UInt64,
        _ level: OverloadLevel
    ) {
        var meter = OverloadMeter()
        meter.measure(memoryPermille: 0, delayNanoseconds: milliseconds * 1_000_000)
        #expect(meter.level == level)
    }

    @Test func `A level is reached at once and left step by step`() {
        var meter = OverloadMeter()
        meter.measure(memoryPermille: 990, delayNanoseconds: 0)
        for step in OverloadLevel.allCases.reversed().dropFirst() {
            for _ in 1..<OverloadMeter.calmLimit {
                meter.measure(memoryPermille: 100, delayNanoseconds: 0)
                #expect(meter.level > step)
            }
            meter.measure(memoryPermille: 100, delayNanoseconds: 0)
            #expect(meter.level == step)
        }
        meter.measure(memoryPermille: 100, delayNanoseconds: 0)
        #expect(meter.level == .none)
    }

    @Test func `The memory in use is known`() {
        #expect(MemoryUse(limitBytes: nil).limitBytes >= 64 << 20)
        let use = MemoryUse(limitBytes: 1 << 30).permille
        #expect(use > 0)
        #expect(MemoryUse(limitBytes: 1 << 40).permille < use)
    }
}
