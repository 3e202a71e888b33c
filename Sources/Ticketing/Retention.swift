/// How long is kept what selling needs no more, for those who ask afterwards.
struct Retention: Sendable {
    /// Providers' messages about payments, and what the sandbox knows of them. A buyer's bank may dispute a
    /// payment for 540 days.
    var paymentEvents: Milliseconds = 550 * Span.day
    /// Who of the house did what, and what was refused.
    var audit: Milliseconds = 730 * Span.day
    /// Accounts whose address nobody confirmed, after the link for that has run out: a stranger may have made them.
    var unconfirmed: Milliseconds = 7 * Span.day
    /// Jobs that were given up, from then on. What they were to send or to do is no news any more.
    var deadJobs: Milliseconds = 90 * Span.day
}
