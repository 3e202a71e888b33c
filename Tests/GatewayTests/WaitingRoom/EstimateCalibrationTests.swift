import Testing

@testable import Gateway

/// Told waits against real ones, over a whole sale.
@Suite
struct EstimateCalibrationTests {
    private struct Visitor {
        var cookies = SceneVisitor()
        var told: [(at: Int64, seconds: Int64, highSeconds: Int64)] = []
        var nextPollAt: Int64
        var admittedAt: Int64?
        var requestsLeft: Int
        var nextRequestAt: Int64 = 0
    }

    @Test(arguments: [UInt64(41), 42, 43])
    func
        `Half of the told waits are within two seconds or fifteen percent, and nine in ten below the high one`(
            seed: UInt64
        ) async
    {
        var random = SeededGenerator(seed: seed)
        let scene = RoomScene(seed: seed) { $0.capacity = 60 }
        let start = scene.now
        var visitors: [Visitor] = []
        while visitors.count < 600 || visitors.contains(where: { $0.admittedAt == nil }) {
            await scene.pass(milliseconds: 100)
            let now = scene.now
            for _ in 0..<2 where visitors.count < 600 {
                visitors.append(Visitor(nextPollAt: now, requestsLeft: Int(random.next(below: 4))))
            }
            for index in visitors.indices {
                var visitor = visitors[index]
                if visitor.admittedAt == nil, visitor.nextPollAt <= now {
                    await poll(&visitor, scene, now)
                    visitor.nextRequestAt = now + Int64(random.next(below: 9_000))
                } else if visitor.admittedAt != nil, visitor.requestsLeft > 0,
                    visitor.nextRequestAt <= now
                {
                    _ = await visitor.cookies.visit(scene.room)
                    visitor.requestsLeft -= 1
                    visitor.nextRequestAt = now + Int64(random.next(below: 9_000))
                }
                visitors[index] = visitor
            }
            #expect(now - start < 1_200_000)
            guard now - start < 1_200_000 else { return }
        }
        judge(visitors, start: start)
    }

    private func poll(_ visitor: inout Visitor, _ scene: RoomScene, _ now: Int64) async {
        let answer = await visitor.cookies.visit(scene.room)
        guard !answer.isProxied else {
            visitor.admittedAt = now
            return
        }
        visitor.nextPollAt = now + 1_000 * (number("poll", of: answer.body) ?? 5)
        guard let seconds = number("eta", of: answer.body),
            let high = number("eta_high", of: answer.body)
        else {
            return
        }
        visitor.told.append((now, seconds, high))
    }

    private func judge(_ visitors: [Visitor], start: Int64) {
        var errors: [Double] = []
        var belowHigh = 0
        for visitor in visitors {
            guard let admittedAt = visitor.admittedAt else { continue }
            for told in visitor.told where told.at - start > 10_000 {
                let real = Double(admittedAt - told.at) / 1_000
                errors.append(abs(Double(told.seconds) - real) / max(2, 0.15 * real))
                if real <= Double(told.highSeconds) + 1 { belowHigh += 1 }
            }
        }
        errors.sort()
        #expect(errors.count > 1_000)
        #expect((errors.isEmpty ? .infinity : errors[errors.count / 2]) <= 1)
        #expect(Double(belowHigh) / Double(errors.count) >= 0.9)
    }

    /// A number of a flat JSON object.
    private func number(_ key: String, of json: String) -> Int64? {
        guard let start = json.firstRange(of: "\"\(key)\":") else { return nil }
        return Int64(json[start.upperBound...].prefix { $0.isNumber })
    }
}
