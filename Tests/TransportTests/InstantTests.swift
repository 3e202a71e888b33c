import Testing

@testable import Transport

@Suite struct InstantTests {
    @Test(arguments: [
        (Duration.seconds(1), 1_000_000_000 as UInt64), (.milliseconds(250), 250_000_000),
        (.nanoseconds(1), 1),
        (.zero, 0), (.seconds(-1), 0), (.milliseconds(-1), 0), (.seconds(Int64.max), .max),
        (.seconds(18_446_744_073), 18_446_744_073_000_000_000),
    ])
    func `A span counts in whole nanoseconds, none if negative, at most what fits`(
        _ span: Duration,
        _ expected: UInt64
    ) {
        #expect(span.wholeNanoseconds == expected)
    }

    @Test func `The largest span of seconds that fits does not wrap with its fraction`() {
        let span = Duration.seconds(18_446_744_073) + .milliseconds(999)
        #expect(span.wholeNanoseconds == .max)
    }

    @Test func `A moment moved beyond the clock's end is the distant future`() {
        let late = Instant(nanoseconds: .max - 5)
        #expect(late.advanced(byNanoseconds: 4) == Instant(nanoseconds: .max - 1))
        #expect(late.advanced(byNanoseconds: 6) == .distantFuture)
        #expect(Instant.distantFuture.advanced(by: .seconds(1)) == .distantFuture)
    }

    @Test func `Nothing lies between a moment and a later one`() {
        let early = Instant(nanoseconds: 100)
        let late = Instant(nanoseconds: 350)
        #expect(late.nanoseconds(since: early) == 250)
        #expect(early.nanoseconds(since: late) == 0)
        #expect(early < late && !(late < early))
    }

    @Test func `The clock does not go back`() {
        let first = Instant.current()
        let second = Instant.current()
        #expect(first <= second)
        #expect(first.nanoseconds > 0)
    }
}
