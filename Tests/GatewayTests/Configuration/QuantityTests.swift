import Testing

@testable import Gateway

@Suite struct QuantityTests {
    @Test(arguments: [
        ("0s", Duration.zero), ("500ms", .milliseconds(500)), ("30s", .seconds(30)),
        ("5m", .seconds(300)),
        ("12h", .seconds(43_200)), ("30d", .seconds(2_592_000)),
    ])
    func `A duration is a number and a unit`(text: String, duration: Duration) throws {
        #expect(try Quantity.duration(text) == duration)
        #expect(Quantity.text(duration) == text || text == "12h" || text == "0s")
        #expect(try Quantity.duration(Quantity.text(duration)) == duration)
    }

    @Test(arguments: [
        ("0B", 0), ("256B", 256), ("16KiB", 16_384), ("8MiB", 8 << 20), ("1GiB", 1 << 30),
    ])
    func `A size is a number and a unit`(text: String, bytes: Int) throws {
        #expect(try Quantity.bytes(text) == bytes)
        #expect(Quantity.text(bytes: bytes) == text)
    }

    @Test(arguments: [
        ("30", ProblemCode.missingUnit), ("30x", .unknownUnit), ("30 s", .badValue),
        ("-1s", .badValue),
        ("1.5s", .badValue), ("s", .badValue), ("", .badValue),
        ("99999999999999999999s", .outOfRange),
        ("9223372036854775807d", .outOfRange), ("٣s", .badValue),
    ])
    func `A duration that could be misread is refused`(text: String, code: ProblemCode) {
        let error = #expect(throws: Misfit.self) { try Quantity.duration(text) }
        #expect(error?.code == code)
    }

    @Test(arguments: ["session", "lease", "grace", "challenge_hold"])
    func `What a room counts in seconds is refused in parts of them`(key: String) {
        let problems = ConfigurationDecodingTests.problems(
            """
            listeners: [{address: "127.0.0.1:1"}]
            routes: [{answer: {}}]
            rooms:
              - {name: r, paths: [/a], capacity: 1, grace: 5m, \(key): 1500ms}
              - {name: s, paths: [/b], capacity: 1, \(key): 2000ms}
            """.replacing("grace: 5m, grace", with: "grace")
        )
        #expect(problems.count == 1)
        #expect(problems.first?.message.contains("whole seconds") == true, "\(problems)")
        var control = RoomControl()
        let isSet = (control.set("session", to: "1500ms"), control.set("session", to: "2000ms"))
        #expect(isSet == (false, true))
        #expect(control.sessionSeconds == 2)
        #expect(throws: Misfit.self) {
            try Configuration.Room.parsed(flag: "r path=/a capacity=1 session=1500ms")
        }
    }

    @Test(arguments: [
        ("8kb", "8KiB"), ("8K", "8KiB"), ("1gb", "1GiB"), ("8mib", "8MiB"), ("2b", "2B"),
    ])
    func `A size in another spelling gets the right one as a hint`(text: String, meant: String) {
        let error = #expect(throws: Misfit.self) { try Quantity.bytes(text) }
        #expect(error?.hint == "did you mean `\(meant)`?")
    }

    @Test(arguments: [("10/m", 10, 60), ("50/s", 50, 1), ("1/h", 1, 3600), ("7/d", 7, 86_400)])
    func `A rate is a count per period`(text: String, count: Int, seconds: Int) throws {
        let rate = try Rate(text: text)
        #expect(rate == Rate(count: count, period: .seconds(seconds)))
        #expect(rate.text == text)
    }

    @Test(arguments: [
        "", "/s", "10/", "10/w", "10", "0/s", "-1/s", "1e3/s", "010/s", "10/s/s", "9999999999/s",
    ])
    func `A rate that could be misread is refused`(text: String) {
        #expect(throws: Misfit.self) { try Rate(text: text) }
    }
}
