/// What has to happen after a change: written with the change, so that neither exists without the other.
enum Outbox {
    /// What a job is about.
    enum Topic: String, Sendable, CaseIterable {
        case mailVerify = "mail.verify"
        case mailReset = "mail.reset"
        case mailTickets = "mail.tickets"
        case mailRefund = "mail.refund"
        case mailSorry = "mail.sorry"
        case mailReminder = "mail.reminder"
        case cancelPayment = "psp.cancel"
        case endSession = "session.end"
        case mailCancelled = "mail.cancelled"
        case cancelEvent = "event.cancel"
        case cancelOrder = "order.cancel"

        /// How often it is tried before people have to look at it.
        var attemptLimit: Int { self == .cancelPayment ? 20 : 12 }
    }

    /// Notes a job. `reference` names what it is about, `payload` what else it needs.
    static func add(
        _ topic: Topic,
        _ reference: String,
        id: Int64,
        payload: String = "",
        dueAt: Milliseconds,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws {
        connection.append(
            "INSERT INTO outbox(id, kind, topic, ref, payload, due_at, created_at)",
            [id, 0, topic.rawValue, reference, payload, dueAt, now]
        )
    }
}
