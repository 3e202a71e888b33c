/// What an order's page shows, in words.
struct OrderPageModel {
    let order: Order
    let document: OrderDocument
    /// The venue's, in which all times are told.
    let timeZone: String
    /// What the visitor came with from a mail.
    var secret: String?
    var isRefundable = false
    /// Whether the visitor needs nothing from a mail to see it.
    var isOwn = true
    /// Where the last attempt to pay stands.
    var payment: PaymentState?
    var now: Milliseconds = 0
    /// Whether the event does not take place.
    var isEventCancelled = false

    private static func words(_ seat: OrderDocument.Seat) -> String {
        TicketPapers.words(
            for: SeatMap.Place(
                label: seat.label,
                section: seat.section,
                row: seat.row,
                number: seat.number
            )
        )
    }

    /// The state as a buyer would say it.
    static func words(for state: OrderState) -> String {
        switch state {
        case .pending: "Waiting for payment"
        case .paid: "Paid"
        case .expired: "Expired"
        case .cancelled: "Cancelled"
        case .refundDue: "Refund under way"
        case .refunded: "Refunded"
        case .partiallyRefunded: "Refunded in part"
        }
    }

    /// The values for the template.
    var values: [String: Any] {
        [
            "code": order.code, "is_pending": order.state == .pending, "steps": steps,
            "notice": notice,
            "expires": order.expiresAt.map { LocalTime.date($0, in: timeZone).clockTime } ?? "",
            "expires_at": order.expiresAt?.timestamp ?? "",
            "left": String(max(0, ((order.expiresAt ?? 0) - now) / Span.second)),
            "is_own": isOwn, "is_processing": payment == .processing,
            "total": Money(amount: order.total, currency: order.currency).description,
            "discount": order.discount > 0
                ? Money(amount: order.discount, currency: order.currency).description : "",
            "paid": Money(amount: order.total - order.refunded, currency: order.currency)
                .description,
            "has_tickets": document.seats.contains { $0.ticket == "valid" || $0.ticket == "used" },
            "is_refundable": isRefundable,
            "secret": secret.map { "?key=\($0)" } ?? "",
            "seats": document.seats.map { seat in
                [
                    "place": Self.words(seat),
                    "amount": Money(amount: seat.amount, currency: order.currency).description,
                    "fee": Money(amount: seat.fee, currency: order.currency).description,
                ]
            },
            "tickets": document.seats.compactMap(ticket),
        ]
    }

    private func ticket(_ seat: OrderDocument.Seat) -> [String: String]? {
        guard let serial = seat.serial, let code = seat.code, seat.ticket != "void" else {
            return nil
        }
        return [
            "place": Self.words(seat), "holder": seat.holder ?? order.holder,
            "serial": serial, "code": code,
            "qr": QRCode(code)?.svg(label: "Ticket \(serial)") ?? "",
        ]
    }

    private var steps: [[String: Any]] {
        let (done, now, next) =
            switch order.state {
            case .pending: (["Seats held", "Ordered"], "To pay", ["Tickets"])
            case .paid: (["Seats held", "Ordered", "Paid", "Tickets issued"], "", [])
            default: (["Ordered"], Self.words(for: order.state), [])
            }
        let current = now.isEmpty ? [] : [["name": now, "class": "now", "is_now": true]]
        return done.map { ["name": $0, "class": "done"] } + current
            + next.map { ["name": $0, "class": ""] }
    }

    private var notice: String {
        switch order.state {
        case .pending where payment == .processing:
            "Your payment is being processed. This page says so as soon as it is through."
        case .pending where payment == .failed:
            "The payment was declined, and nothing was taken. You can try again, in another way too."
        case .expired: "The order was not paid in time, so the seats went back on sale."
        case .cancelled: "The order was cancelled, and the seats went back on sale."
        case .refundDue: "\(reason) The money is on its way back."
        case .refunded: order.total > 0 ? "\(reason) The money went back." : reason
        default: ""
        }
    }

    /// Why money goes back. An order that came to it without ever having been paid was paid too late.
    private var reason: String {
        if isEventCancelled { return "The event does not take place." }
        return order.paidAt == nil
            ? "Your payment came after the event had begun, or the seats or your voucher had gone."
            : "The tickets were given back."
    }
}
