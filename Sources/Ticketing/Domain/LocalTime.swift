import Foundation

/// Moments as the clock at the venue shows them.
enum LocalTime {
    /// Whether the machine knows a zone by its IANA name.
    static func isKnown(_ zone: String) -> Bool { TimeZone(identifier: zone) != nil }

    /// How far a zone is ahead of UTC at a moment; 0 for a zone that the machine does not know.
    static func offset(of zone: String, at moment: Milliseconds) -> Milliseconds {
        let date = Date(timeIntervalSince1970: Double(moment / Span.second))
        return Milliseconds(TimeZone(identifier: zone)?.secondsFromGMT(for: date) ?? 0)
            * Span.second
    }

    /// The calendar date and time of day at the venue.
    static func date(_ moment: Milliseconds, in zone: String) -> CalendarDate {
        CalendarDate(moment + offset(of: zone, at: moment))
    }
}
