/// Money that has to go back.
struct Refund: Sendable {
    let id: Int64
    let order: Int64
    /// The provider's name for the payment; empty if it has none yet.
    let payment: String
    let amount: Money
    let attempts: Int
    let reason: String
    let requestedAt: Milliseconds
    let state: RefundState
    /// The provider's name for it; once it is to be tried again, for the one that failed.
    let name: String?

    /// Under this key the provider sends it once, while it remembers the key. What failed is sent again under another.
    var key: String {
        name.map { "refund-\(id)-\(Token.hash($0).prefix(8))" } ?? "refund-\(id)"
    }

    /// Whether it was given up for having been on its way too long, and not because it failed: it may arrive yet.
    var isOverdue: Bool { state == .givenUp && attempts == RefundRunner.overdueMark }

    /// The number in a key that may be of ours.
    static func id(inKey key: String) -> Int64? {
        key.split(separator: "-").dropFirst().first.flatMap { Int64($0) }
    }

    /// Whether the money is the order's: what a buyer paid twice never was.
    var isOfOrder: Bool { reason != RefundDesk.paidTwice }

    /// What of the money that has to go back meets a condition on `r`, the refund, or `p`, its payment.
    static func all(
        where condition: String,
        _ arguments: [any SQLValue],
        _ connection: SQLConnection
    ) throws -> [Refund] {
        try connection.rows(
            """
            SELECT r.id, r.order_id, COALESCE(p.intent_ref, ''), r.amount, p.currency, r.attempts, r.reason,
              r.created_at, r.state, r.provider_ref
            FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE \(condition)
            """,
            arguments
        ) { row in
            guard let state = RefundState(rawValue: try row.integer(8)) else {
                throw SQLError.column(8)
            }
            return Refund(
                id: try row.integer(0),
                order: try row.integer(1),
                payment: try row.text(2),
                amount: Money(amount: try row.integer(3), currency: try row.text(4)),
                attempts: try row.int(5),
                reason: try row.text(6),
                requestedAt: try row.integer(7),
                state: state,
                name: try row.optionalText(9)
            )
        }
    }
}
