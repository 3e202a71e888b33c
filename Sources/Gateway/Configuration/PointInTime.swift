/// A moment as an operator writes it: `2026-12-01T10:00:00Z`, or with an offset such as `+01:00` (RFC 3339).
struct PointInTime: Sendable, Hashable {
    /// Since 1970 in UTC.
    let milliseconds: Int64
    private let written: String
}

extension PointInTime: TextValue {
    init(text: String) throws(Misfit) {
        let expected = "a time with its offset, such as 2026-12-01T10:00:00+01:00"
        let bytes = Array(text.utf8)
        let shape = Array("0000-00-00T00:00:00".utf8)
        guard bytes.count >= 20,
            zip(bytes, shape).allSatisfy({ byte, form in
                form == UInt8(ascii: "0") ? (0x30...0x39).contains(byte) : byte == form
            })
        else { throw Misfit(expected: expected) }
        func number(_ range: Range<Int>) -> Int64 {
            bytes[range].reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
        let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
        guard year >= 1970, (1...12).contains(month), day >= 1,
            day <= Self.days(in: month, of: year),
            hour < 24, minute < 60, second < 60, let offset = Self.offset(bytes[19...])
        else { throw Misfit(expected: expected) }
        let days = Self.daysSince1970(year, month, day)
        milliseconds = (days * 86_400 + hour * 3_600 + minute * 60 + second - offset) * 1_000
        written = text
    }

    var text: String { written }

    /// Seconds that the local time is ahead of UTC.
    private static func offset(_ bytes: ArraySlice<UInt8>) -> Int64? {
        if bytes.elementsEqual("Z".utf8) { return 0 }
        let digits = bytes.dropFirst().filter { (0x30...0x39).contains($0) }.map {
            Int64($0 - 0x30)
        }
        guard bytes.count == 6, digits.count == 4, bytes[bytes.startIndex + 3] == UInt8(ascii: ":")
        else { return nil }
        let seconds = (digits[0] * 10 + digits[1]) * 3_600 + (digits[2] * 10 + digits[3]) * 60
        guard seconds <= 14 * 3_600 else { return nil }
        switch bytes.first {
        case UInt8(ascii: "+"): return seconds
        case UInt8(ascii: "-"): return -seconds
        default: return nil
        }
    }

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// The civil calendar, counted from the first of March, so that the leap day ends a year.
    private static func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }
}
