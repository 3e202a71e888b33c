import Testing

@testable import Transport

@Suite struct TimerWheelTests {
    /// Plays on a reactor; true for each question about a sleeper: is it awake?
    private func play(_ story: @escaping @Sendable (WheelScene) async throws -> Void) async throws {
        try await onReactor { reactor in
            let scene = WheelScene(on: reactor)
            defer { scene.end() }
            try await story(scene)
            #expect(scene.faults == [])
        }
    }

    @Test func `An empty wheel lets the thread sleep without end`() async throws {
        try await play { scene in
            #expect(scene.millisecondsUntilNext == -1)
            scene.advance(milliseconds: 60_000)
            #expect(scene.millisecondsUntilNext == -1)
        }
    }

    @Test(arguments: [1, 3, 4, 5, 100, 16_383, 16_384, 16_385, 60_000, 3_600_000] as [UInt64])
    func `A waiter sleeps until its deadline and not two ticks longer`(_ milliseconds: UInt64)
        async throws
    {
        try await play { scene in
            let sleeper = await scene.sleeper(milliseconds: milliseconds)
            scene.advance(milliseconds: milliseconds - 1)
            #expect(sleeper.wokenAt == nil)
            scene.advance(milliseconds: 9)
            #expect(sleeper.wokenAt != nil)
            #expect(scene.millisecondsUntilNext == -1)
        }
    }

    @Test func `A deadline moved into the future is kept, without a wake in between`() async throws {
        try await play { scene in
            let sleeper = await scene.sleeper(milliseconds: 100)
            for _ in 0..<50 {
                scene.advance(milliseconds: 80)
                scene.schedule(sleeper, at: scene.now.advanced(by: .milliseconds(100)))
            }
            #expect(sleeper.wokenAt == nil)
            scene.advance(milliseconds: 108)
            #expect(sleeper.wokenAt != nil)
        }
    }

    @Test func `A deadline moved nearer is met`() async throws {
        try await play { scene in
            let sleeper = await scene.sleeper(milliseconds: 3_600_000)
            scene.schedule(sleeper, at: scene.now.advanced(by: .milliseconds(10)))
            scene.advance(milliseconds: 18)
            #expect(sleeper.wokenAt != nil)
        }
    }

    @Test func `A deadline that has passed already is noticed with the next tick`() async throws {
        try await play { scene in
            let sleeper = await scene.sleeper()
            scene.schedule(sleeper, at: Instant(nanoseconds: 1))
            scene.advance(milliseconds: 4)
            #expect(sleeper.wokenAt != nil)
        }
    }

    @Test func `A waiter without a deadline is never woken`() async throws {
        try await play { scene in
            let sleeper = await scene.sleeper(milliseconds: 10)
            scene.schedule(sleeper, at: .distantFuture)
            scene.advance(milliseconds: 3_600_000)
            #expect(sleeper.wokenAt == nil)
            #expect(scene.millisecondsUntilNext == -1)
        }
    }

    @Test func `Removing one waiter of a slot leaves its neighbours`() async throws {
        for removed in 0..<3 {
            try await play { scene in
                var sleepers: [WheelScene.Sleeper] = []
                for _ in 0..<3 { sleepers.append(await scene.sleeper(milliseconds: 20)) }
                scene.remove(sleepers[removed])
                scene.remove(sleepers[removed])
                scene.advance(milliseconds: 30)
                #expect(sleepers.map { $0.wokenAt != nil } == (0..<3).map { $0 != removed })
            }
        }
    }

    @Test func `A leap of the clock over several turns wakes everyone who is due`() async throws {
        try await play { scene in
            var sleepers: [WheelScene.Sleeper] = []
            for index in 0..<40 as Range<UInt64> {
                sleepers.append(await scene.sleeper(milliseconds: index * 3_000))
            }
            scene.advance(milliseconds: 90_000)
            #expect(sleepers.filter { $0.wokenAt != nil }.count >= 30)
        }
    }

    @Test(arguments: 0..<24 as Range<UInt64>)
    func `Random histories agree with a plain list of deadlines`(_ seed: UInt64) async throws {
        try await onReactor { reactor in
            var random = SeededGenerator(seed: seed)
            let start = Instant(nanoseconds: UInt64.random(in: 0..<1 << 50, using: &random))
            let scene = WheelScene(now: start, on: reactor)
            defer { scene.end() }
            var awake: [WheelScene.Sleeper] = []
            for step in 0..<400 {
                switch Int.random(in: 0..<10, using: &random) {
                case 0..<3: awake.append(await scene.sleeper(milliseconds: Self.span(&random)))
                case 3..<6:
                    guard let sleeper = awake.randomElement(using: &random), sleeper.wokenAt == nil
                    else { continue }
                    scene.schedule(
                        sleeper,
                        at: scene.now.advanced(byNanoseconds: Self.span(&random) * 1_000_000)
                    )
                case 6:
                    guard let sleeper = awake.randomElement(using: &random), sleeper.wokenAt == nil
                    else { continue }
                    scene.remove(sleeper)
                default:
                    scene.advance(
                        to: scene.now.advanced(byNanoseconds: Self.span(&random) * 300_000)
                    )
                }
                #expect(scene.faults == [], "step \(step)")
                if !scene.faults.isEmpty { return }
            }
        }
    }

    /// Milliseconds: mostly near, at times on the far side of a turn of the wheel.
    private static func span(_ random: inout SeededGenerator) -> UInt64 {
        let limits: [UInt64] = [2, 10, 100, 5_000, 20_000, 100_000]
        return UInt64.random(in: 0...(limits.randomElement(using: &random) ?? 10), using: &random)
    }
}
