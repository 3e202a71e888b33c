/// Where an order stands, and what may happen to it next.
enum OrderState: Int64, Sendable, CaseIterable {
    /// Waiting for the money. Can transition to: paid, expired, cancelled.
    case pending = 0
    /// Paid, tickets issued. Can transition to: partiallyRefunded, refundDue.
    case paid = 1
    /// Not paid in time. Can transition to: paid or refundDue, when the money comes late.
    case expired = 2
    /// Given up by the buyer or an admin. Can transition to: paid or refundDue, when the money comes late.
    case cancelled = 3
    /// Money has to go back. Can transition to: refunded.
    case refundDue = 4
    /// All money went back. Can transition to: refundDue, when a bank does not take what was sent.
    case refunded = 5
    /// Some money went back, some tickets live. Can transition to: partiallyRefunded, refundDue.
    case partiallyRefunded = 6

    /// The name on the wire.
    var name: String {
        switch self {
        case .pending: "pending"
        case .paid: "paid"
        case .expired: "expired"
        case .cancelled: "cancelled"
        case .refundDue: "refund_due"
        case .refunded: "refunded"
        case .partiallyRefunded: "partially_refunded"
        }
    }

    /// The state after `trigger`; nil where the step is not allowed.
    func after(_ trigger: OrderTrigger) -> OrderState? {
        switch (self, trigger) {
        case (.pending, .paymentSucceeded): .paid
        case (.pending, .timeRanOut): .expired
        case (.pending, .cancelled): .cancelled
        case (.expired, .latePaymentSeatsFree), (.cancelled, .latePaymentSeatsFree): .paid
        case (.expired, .latePaymentSeatsGone), (.cancelled, .latePaymentSeatsGone): .refundDue
        case (.paid, .refundedInPart), (.partiallyRefunded, .refundedInPart): .partiallyRefunded
        case (.paid, .refundRequested), (.partiallyRefunded, .refundRequested): .refundDue
        case (.refundDue, .refundConfirmed): .refunded
        case (.refunded, .refundFailed): .refundDue
        default: nil
        }
    }
}

/// What moves an order.
enum OrderTrigger: String, Sendable, CaseIterable {
    case paymentSucceeded = "payment succeeded"
    case timeRanOut = "time ran out"
    case cancelled = "cancelled"
    case latePaymentSeatsFree = "late payment, seats free"
    case latePaymentSeatsGone = "late payment, seats or voucher gone"
    case refundRequested = "refund requested"
    case refundedInPart = "refunded in part"
    case refundConfirmed = "refund confirmed"
    case refundFailed = "refund failed"
}
