/// Dates as HTTP writes them (RFC 9110 section 5.6.7), as seconds since 1970-01-01 00:00:00 UTC.
public enum HTTPDate {
    /// Bytes of a date in the form that is generated, `Sun, 06 Nov 1994 08:49:37 GMT`.
    public static let length = 29

    static let weekdays: StaticString = "ThuFriSatSunMonTueWed"
    static let months: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"
    /// The last second of the year 9999, beyond which the form has no place.
    static let last = 253_402_300_799

    /// Appends the date in the preferred form; a time outside the years 1970 to 9999 is held at the nearest end.
    public static func append(_ seconds: Int, to buffer: OutputBuffer) {
        let time = min(max(seconds, 0), last)
        let days = time / 86_400
        let date = civil(fromDays: days)
        buffer.append(ByteView(weekdays)[days % 7 * 3..<days % 7 * 3 + 3])
        buffer.append(", ")
        appendPadded(date.day, to: buffer)
        buffer.append(" ")
        buffer.append(ByteView(months)[date.month * 3 - 3..<date.month * 3])
        buffer.append(" ")
        appendPadded(date.year / 100, to: buffer)
        appendPadded(date.year % 100, to: buffer)
        buffer.append(" ")
        appendPadded(time / 3600 % 24, to: buffer)
        buffer.append(":")
        appendPadded(time / 60 % 60, to: buffer)
        buffer.append(":")
        appendPadded(time % 60, to: buffer)
        buffer.append(" GMT")
    }

    private static func appendPadded(_ value: Int, to buffer: OutputBuffer) {
        buffer.append(byte: UInt8(truncatingIfNeeded: 0x30 + value / 10 % 10))
        buffer.append(byte: UInt8(truncatingIfNeeded: 0x30 + value % 10))
    }

    /// The proleptic Gregorian date of a day, counted from 1970-01-01; years begin in March while computing.
    static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// Days from 1970-01-01 to a date of the proleptic Gregorian calendar, year 0 or later.
    static func days(year: Int, month: Int, day: Int) -> Int {
        let marchYear = month <= 2 ? year - 1 : year
        let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
    }
}
