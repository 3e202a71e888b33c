extension HTTPDate {
    /// The time of a date in any of the three forms; nil when the text is none, or no date of the calendar.
    ///
    /// - Parameter now: the current time; a two-digit year is the one nearest to it that is not over 50 years ahead.
    public static func parse(_ text: ByteView, now: Int) -> Int? {
        guard text.count >= 24, text.count <= 33 else { return nil }
        if text[3] == 0x2C { return parseFixed(text) }
        if text[3] == ASCII.space { return parseAsctime(text) }
        return parseRFC850(text, now: now)
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    private static func parseFixed(_ text: ByteView) -> Int? {
        guard text.count == length, isWeekday(text.prefix(3)), text[3..<5].equals(", "),
            text[7] == ASCII.space,
            text[11] == ASCII.space, text[16] == ASCII.space, text[25..<29].equals(" GMT")
        else { return nil }
        return seconds(
            year: text[12..<16].decimal,
            month: text[8..<11],
            day: text[5..<7].decimal,
            time: text[17..<25]
        )
    }

    /// `Sunday, 06-Nov-94 08:49:37 GMT`
    private static func parseRFC850(_ text: ByteView, now: Int) -> Int? {
        guard let comma = text.firstIndex(of: 0x2C), isWeekday(text.prefix(3)),
            isLongWeekday(text.prefix(comma)),
            text.count == comma + 24
        else { return nil }
        let rest = text.dropFirst(comma + 1)
        guard rest[0] == ASCII.space, rest[3] == 0x2D, rest[7] == 0x2D, rest[10] == ASCII.space,
            rest[19..<23].equals(" GMT"), let shortYear = rest[8..<10].decimal
        else { return nil }
        let thisYear = civil(fromDays: min(max(now, 0), last) / 86_400).year
        var year = thisYear / 100 * 100 + shortYear
        if year > thisYear + 50 { year -= 100 }
        return seconds(
            year: year,
            month: rest[4..<7],
            day: rest[1..<3].decimal,
            time: rest[11..<19]
        )
    }

    /// `Sun Nov  6 08:49:37 1994`
    private static func parseAsctime(_ text: ByteView) -> Int? {
        guard text.count == 24, isWeekday(text.prefix(3)), text[7] == ASCII.space,
            text[10] == ASCII.space,
            text[19] == ASCII.space
        else { return nil }
        let day = text[8] == ASCII.space ? text[9..<10].decimal : text[8..<10].decimal
        return seconds(
            year: text[20..<24].decimal,
            month: text[4..<7],
            day: day,
            time: text[11..<19]
        )
    }

    private static func seconds(year: Int?, month: ByteView, day: Int?, time: ByteView) -> Int? {
        guard let year, let day, let month = monthNumber(month), time[2] == 0x3A, time[5] == 0x3A,
            let hour = time[0..<2].decimal, let minute = time[3..<5].decimal,
            let second = time[6..<8].decimal,
            hour < 24, minute < 60, second <= 60, year >= 1583
        else { return nil }
        let days = days(year: year, month: month, day: day)
        let nextMonth = month == 12 ? (year + 1, 1) : (year, month + 1)
        guard day >= 1, days < HTTPDate.days(year: nextMonth.0, month: nextMonth.1, day: 1) else {
            return nil
        }
        return days * 86_400 + hour * 3600 + minute * 60 + min(second, 59)
    }

    private static func monthNumber(_ text: ByteView) -> Int? {
        (0..<12).first { ByteView(months)[$0 * 3..<$0 * 3 + 3].equals(text) }.map { $0 + 1 }
    }

    private static func isWeekday(_ text: ByteView) -> Bool {
        (0..<7).contains { ByteView(weekdays)[$0 * 3..<$0 * 3 + 3].equals(text) }
    }

    private static func isLongWeekday(_ text: ByteView) -> Bool {
        let names: [StaticString] = [
            "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
        ]
        return names.contains { text.equals($0) }
    }
}
