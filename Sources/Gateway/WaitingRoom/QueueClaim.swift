/// What a store answers to somebody who asks for the turn of a ticket.
enum QueueClaim: Hashable, Sendable {
    /// In: the session is good until then (milliseconds since 1970) unless renewed. A repeated claim gets the same.
    case admitted(untilMilliseconds: Int64)
    /// Not yet.
    case waiting
    /// The turn has come but the rate allows the entry only after so many milliseconds; the slot is kept.
    case later(milliseconds: Int64)
    /// The turn has come, and others go first since many came from the same place: the turn is after so many
    /// admissions.
    case held(admissions: Int64)
    /// The ticket was used, given up, or is past its grace.
    case spent
}
