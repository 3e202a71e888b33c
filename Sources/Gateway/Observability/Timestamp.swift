import Glibc

/// Times as logs write them (RFC 3339), in UTC.
enum Timestamp {
    /// `2026-01-31T12:00:00` for that many seconds since 1970.
    static func text(seconds: Int) -> String {
        var time = seconds
        var parts = unsafe tm()
        guard unsafe gmtime_r(&time, &parts) != nil else { return "" }
        let values = unsafe (
            parts.tm_year, parts.tm_mon, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec
        )
        let date = "\(values.0 + 1900)-\(padded(values.1 + 1))-\(padded(values.2))"
        return "\(date)T\(padded(values.3)):\(padded(values.4)):\(padded(values.5))"
    }

    /// `2026-01-31T12:00:00.123Z` for that many milliseconds since 1970.
    static func text(milliseconds: UInt64) -> String {
        let fraction = String(milliseconds % 1000 + 1000).dropFirst()
        return "\(text(seconds: Int(clamping: milliseconds / 1000))).\(fraction)Z"
    }

    private static func padded(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
