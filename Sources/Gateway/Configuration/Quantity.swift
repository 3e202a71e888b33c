/// Durations and sizes as an operator writes them: a whole number and a unit.
enum Quantity {
    /// `30s`, `500ms`, `5m`, `12h`, `30d`.
    static let durationUnits = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]
    /// `256B`, `16KiB`, `8MiB`, `1GiB`, `1TiB`.
    static let byteUnits = [
        ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
    ]

    static func duration(_ text: String) throws(Misfit) -> Duration {
        .milliseconds(
            try scaled(
                text,
                units: durationUnits,
                what: "a duration with a unit, such as 30s or 500ms"
            )
        )
    }

    /// A duration that is a whole number of seconds, for what counts in seconds.
    static func wholeSeconds(_ text: String) throws(Misfit) -> Duration {
        let duration = try duration(text)
        guard duration == .seconds(duration.components.seconds) else {
            throw Misfit(expected: "whole seconds, such as 2s or 90s")
        }
        return duration
    }

    static func bytes(_ text: String) throws(Misfit) -> Int {
        try scaled(text, units: byteUnits, what: "a size with a unit, such as 16KiB or 8MiB")
    }

    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
        return unscaled(milliseconds, units: durationUnits, zero: "0s")
    }

    static func text(bytes: Int) -> String {
        unscaled(bytes, units: byteUnits, zero: "0B")
    }

    private static func scaled(_ text: String, units: [(String, Int)], what: String) throws(Misfit)
        -> Int
    {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = String(text.dropFirst(digits.count))
        guard !digits.isEmpty, unit.allSatisfy(\.isLetter) else { throw Misfit(expected: what) }
        let known = units.map(\.0)
        if unit.isEmpty {
            throw Misfit(
                code: .missingUnit,
                expected: what,
                hint: "add one of the units \(known.joined(separator: ", "))"
            )
        }
        guard let factor = units.first(where: { $0.0 == unit })?.1 else {
            let meant = meantUnit(unit, among: known)
            let hint =
                meant.map { "did you mean `\(digits)\($0)`?" }
                ?? "the units are \(known.joined(separator: ", "))"
            throw Misfit(code: .unknownUnit, expected: what, hint: hint)
        }
        guard let number = Int(digits) else {
            throw Misfit(code: .outOfRange, expected: "a smaller number")
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        // A billion days or an exbibyte is a slip of the finger, and would overflow what is computed from it.
        guard !overflow, product <= 1 << 50 else {
            throw Misfit(code: .outOfRange, expected: "a smaller number")
        }
        return product
    }

    private static func meantUnit(_ unit: String, among known: [String]) -> String? {
        let spellings = [
            "k": "KiB", "kb": "KiB", "kib": "KiB", "m": "MiB", "mb": "MiB", "mib": "MiB",
            "g": "GiB", "gb": "GiB",
            "gib": "GiB", "t": "TiB", "tb": "TiB", "tib": "TiB", "b": "B", "sec": "s", "secs": "s",
            "second": "s",
            "seconds": "s", "min": "m", "mins": "m", "minute": "m", "minutes": "m", "hour": "h",
            "hours": "h",
            "day": "d", "days": "d", "msec": "ms", "millis": "ms", "milliseconds": "ms",
        ]
        let lowered = unit.lowercased()
        if let same = known.first(where: { $0.lowercased() == lowered }) { return same }
        return spellings[lowered].flatMap { known.contains($0) ? $0 : nil }
    }

    private static func unscaled(_ number: Int, units: [(String, Int)], zero: String) -> String {
        guard number > 0 else { return zero }
        for (name, factor) in units.reversed() where number % factor == 0 {
            return "\(number / factor)\(name)"
        }
        return "\(number)"
    }
}
