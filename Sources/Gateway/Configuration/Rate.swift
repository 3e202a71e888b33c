/// So many events per period, such as 10 per minute.
struct Rate: Sendable, Equatable {
    /// Events per period, at least 1.
    var count: Int
    /// The period: a second, a minute, an hour or a day.
    var period: Duration

    /// Events per second.
    var perSecond: Double { Double(count) / Double(period.components.seconds) }
}
