import HTTP
import Testing

@testable import Gateway

@Suite struct FreshnessTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let control: String
        var origin = Freshness.Origin()
        var requestTime = 1000
        var responseTime = 1000
        let lifetime: Int
        let initialAge: Int

        var testDescription: String { "\(control) \(origin)" }
    }

    static let rows: [Row] = [
        Row(control: "", lifetime: 0, initialAge: 0),
        Row(control: "public", lifetime: 0, initialAge: 0),
        Row(control: "max-age=60", lifetime: 60, initialAge: 0),
        Row(control: "max-age=60, s-maxage=5", lifetime: 5, initialAge: 0),
        Row(control: "max-age=60, s-maxage=0", lifetime: 0, initialAge: 0),
        Row(control: "max-age=60, s-maxage=x", lifetime: 0, initialAge: 0),
        Row(control: "", origin: .init(date: 1000, expires: 1060), lifetime: 60, initialAge: 0),
        Row(control: "", origin: .init(date: 900, expires: 1060), lifetime: 160, initialAge: 100),
        Row(control: "", origin: .init(expires: 1060), lifetime: 60, initialAge: 0),
        Row(control: "", origin: .init(date: 1000, expires: 0), lifetime: 0, initialAge: 0),
        Row(
            control: "max-age=60",
            origin: .init(date: 1000, expires: 0),
            lifetime: 60,
            initialAge: 0
        ),
        Row(control: "max-age=60", origin: .init(date: 990), lifetime: 60, initialAge: 10),
        Row(control: "max-age=60", origin: .init(date: 1010), lifetime: 60, initialAge: 0),
        Row(control: "max-age=60", origin: .init(age: 30), lifetime: 60, initialAge: 30),
        Row(control: "max-age=60", origin: .init(date: 950, age: 30), lifetime: 60, initialAge: 50),
        Row(
            control: "max-age=60",
            origin: .init(age: 30),
            requestTime: 996,
            lifetime: 60,
            initialAge: 34
        ),
        Row(control: "max-age=60", requestTime: 1004, lifetime: 60, initialAge: 0),
    ]

    @Test(arguments: rows)
    func `Lifetime and age on arrival follow RFC 9111 section 4.2`(row: Row) {
        var control = CacheControl()
        viewing(row.control) { control.add(line: $0) }
        let freshness = Freshness(
            control: control,
            origin: row.origin,
            requestTime: row.requestTime,
            responseTime: row.responseTime
        )
        #expect(freshness.lifetime == row.lifetime)
        #expect(freshness.initialAge == row.initialAge)
    }

    @Test(arguments: [
        (1000, 10, 50, true), (1049, 59, 1, true), (1050, 60, 0, false), (990, 10, 50, true),
    ])
    func `A response ages with the clock and is stale at the end of its lifetime`(
        now: Int,
        age: Int,
        secondsLeft: Int,
        isFresh: Bool
    ) {
        var control = CacheControl()
        viewing("max-age=60") { control.add(line: $0) }
        let freshness = Freshness(
            control: control,
            origin: .init(age: 10),
            requestTime: 1000,
            responseTime: 1000
        )
        #expect(freshness.age(at: now) == age)
        #expect(freshness.secondsLeft(at: now) == secondsLeft)
        #expect(freshness.isFresh(at: now) == isFresh)
    }
}
