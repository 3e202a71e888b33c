import Testing
import Transport

@testable import Gateway

@Suite
struct RoomClockTests {
    private let start = Instant.current()

    private func after(_ milliseconds: UInt64) -> Instant {
        start.advanced(byNanoseconds: milliseconds * 1_000_000)
    }

    @Test func `A clock that is put back goes on at half its speed until it is right again`() {
        let clock = RoomClock()
        #expect(clock.milliseconds(wall: 100_000, instant: after(0)) == 100_000)
        #expect(clock.milliseconds(wall: 101_000, instant: after(1_000)) == 101_000)
        // Put back by 90 s.
        let read = (0...190).map { seconds in
            clock.milliseconds(
                wall: 11_000 + 1_000 * Int64(seconds),
                instant: after(1_000 + 1_000 * UInt64(seconds))
            )
        }
        #expect(read == read.sorted())
        #expect(
            [0, 20, 100, 179, 181, 190].map { read[$0] }
                == [101_000, 111_000, 151_000, 190_000, 192_000, 201_000]
        )
    }

    @Test func `It may be put back again, and put forward`() {
        let clock = RoomClock()
        #expect(clock.milliseconds(wall: 100_000, instant: after(0)) == 100_000)
        #expect(clock.milliseconds(wall: 90_000, instant: after(0)) == 100_000)
        #expect(clock.milliseconds(wall: 80_000, instant: after(2_000)) == 101_000)
        #expect(clock.milliseconds(wall: 500_000, instant: after(3_000)) == 500_000)
        #expect(clock.milliseconds(wall: 400_000, instant: after(4_000)) == 500_000)
        #expect(clock.milliseconds(wall: 402_000, instant: after(6_000)) == 501_000)
    }
}
