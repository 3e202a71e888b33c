import FoundationEssentials

/// A moment taken apart in the proleptic Gregorian calendar, in UTC.
struct CalendarDate: Sendable, Equatable {
    let year: Int
    let month: Int
    let day: Int
    let hour: Int
    let minute: Int
    let second: Int
    let millisecond: Int
    /// 0 is Monday.
    let weekday: Int

    /// Takes a moment apart. Counting years from March puts the leap day last, so that no table is needed.
    init(_ moment: Milliseconds) {
        let days = Int(moment.dividedFloor(by: Span.day))
        let rest = Int(moment - Milliseconds(days) * Span.day)
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = rest / 3_600_000
        minute = rest / 60_000 % 60
        second = rest / 1000 % 60
        millisecond = rest % 1000
        weekday = ((days % 7) + 10) % 7
    }

    /// The moment in the form of RFC 3339, in UTC with milliseconds.
    var timestamp: String {
        "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))T\(clockTime):"
            + "\(Self.padded(second, 2)).\(Self.padded(millisecond, 3))Z"
    }

    /// The time of day as `20:30`.
    var clockTime: String { "\(Self.padded(hour, 2)):\(Self.padded(minute, 2))" }

    /// The date as a visitor reads it, as in `Sat 5 December 2026`.
    var longDate: String { "\(Self.weekdays[weekday]) \(day) \(Self.months[month - 1]) \(year)" }

    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November",
        "December",
    ]

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Milliseconds {
    /// Division that rounds towards the past also before 1970.
    fileprivate func dividedFloor(by divisor: Milliseconds) -> Milliseconds {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }

    /// The moment in the form of RFC 3339.
    var timestamp: String { CalendarDate(self).timestamp }

    /// Reads a date or a moment in the form of RFC 3339; nil for anything else.
    init?(timestamp text: String) {
        let full = text.utf8.count == 10 ? text + "T00:00:00Z" : text
        guard full.utf8.count <= 40 else { return nil }
        // The parser counts on, from 30 February to 2 March: the calendar has to have the day, the clock the time.
        let local = full.prefix(19)
        guard let moment = Self.parse(full), Self.parse(local + "Z")?.timestamp.prefix(19) == local
        else { return nil }
        self = moment
    }

    private static func parse(_ text: String) -> Milliseconds? {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
        guard let date = try? style.parse(text) else { return nil }
        let seconds = date.timeIntervalSince1970
        guard seconds.magnitude < 253_402_300_800 else { return nil }
        return Milliseconds((seconds * 1000).rounded())
    }
}
