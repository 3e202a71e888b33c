/// So many events per period, such as 10 per minute.
struct Rate: Sendable, Equatable {
    /// Events per period, at least 1.
    var count: Int
    /// The period: a second, a minute, an hour or a day.
    var period: Duration

    /// Events per second.
    var perSecond: Double { Double(count) / Double(period.components.seconds) }
}

extension Rate: TextValue {
    private static let periods: [(String, Duration)] = [
        ("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3600)), ("d", .seconds(86_400)),
    ]

    init(text: String) throws(Misfit) {
        let expected = "a rate such as 10/m or 50/s (per s, m, h or d)"
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty }), let count = parts.first.flatMap({ decimal($0) })
        else {
            throw Misfit(expected: expected)
        }
        guard parts.count == 2 else {
            throw Misfit(
                code: .missingUnit,
                expected: expected,
                hint: "write \(count)/s or \(count)/m"
            )
        }
        guard let period = Self.periods.first(where: { $0.0 == parts[1] })?.1 else {
            throw Misfit(code: .unknownUnit, expected: expected)
        }
        guard (1...1_000_000_000).contains(count) else {
            throw Misfit(code: .outOfRange, expected: "a rate of 1 to 1000000000")
        }
        self.init(count: count, period: period)
    }

    var text: String {
        let unit = Self.periods.first { $0.1 == period }?.0 ?? "s"
        return "\(count)/\(unit)"
    }
}

/// The number, if the text is nothing but decimal digits without a leading zero.
func decimal(_ text: some StringProtocol) -> Int? {
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    guard text == "0" || !text.hasPrefix("0") else { return nil }
    return Int(text)
}
