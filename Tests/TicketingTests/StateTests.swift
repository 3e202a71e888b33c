import Testing

@testable import Ticketing

struct StateTests {
    /// Every allowed step of an order; what is not listed is refused.
    static let orderSteps: [(OrderState, OrderTrigger, OrderState)] = [
        (.pending, .paymentSucceeded, .paid),
        (.pending, .timeRanOut, .expired),
        (.pending, .cancelled, .cancelled),
        (.expired, .latePaymentSeatsFree, .paid),
        (.cancelled, .latePaymentSeatsFree, .paid),
        (.expired, .latePaymentSeatsGone, .refundDue),
        (.cancelled, .latePaymentSeatsGone, .refundDue),
        (.paid, .refundedInPart, .partiallyRefunded),
        (.partiallyRefunded, .refundedInPart, .partiallyRefunded),
        (.paid, .refundRequested, .refundDue),
        (.partiallyRefunded, .refundRequested, .refundDue),
        (.refundDue, .refundConfirmed, .refunded),
        (.refunded, .refundFailed, .refundDue),
    ]

    @Test(arguments: OrderState.allCases)
    func `An order takes exactly the steps of the table`(state: OrderState) {
        for trigger in OrderTrigger.allCases {
            let expected = Self.orderSteps.first { $0.0 == state && $0.1 == trigger }?.2
            #expect(state.after(trigger) == expected, "\(state) by \(trigger)")
        }
    }

    @Test func `A hold changes once and only from active`() {
        for state in HoldState.allCases {
            for next in HoldState.allCases {
                #expect(state.mayBecome(next) == (state == .active && next != .active))
            }
        }
    }

    static let paymentSteps: [(PaymentState, [PaymentState])] = [
        (.created, [.action, .processing, .succeeded, .failed, .cancelled]),
        (.action, [.processing, .succeeded, .failed, .cancelled]),
        (.processing, [.succeeded, .failed, .cancelled]),
        (.succeeded, []),
        (.failed, [.succeeded]),
        (.cancelled, [.succeeded]),
    ]

    @Test(arguments: paymentSteps)
    func `Money that arrived is a fact and nothing undoes it`(
        state: PaymentState,
        next: [PaymentState]
    ) {
        #expect(PaymentState.allCases.filter { state.mayBecome($0) } == next)
    }

    @Test(arguments: [(4, nil), (5, 1), (6, 2), (9, 16), (14, 512), (15, 900), (60, 900)])
    func `Wrong passwords close an account for longer and longer`(
        failures: Int,
        seconds: Milliseconds?
    ) {
        let until = LoginThrottle.lockedUntil(failures: failures, at: 1000)
        #expect(until == seconds.map { 1000 + $0 * Span.second })
    }

    @Test func `A sale is open between its two moments and while the house wants it`() async throws {
        let event = try await ShopFixture().listing().event
        #expect(event.sale(at: event.salesOpenAt - 1) == .notYet)
        #expect(event.sale(at: event.salesOpenAt) == .open)
        #expect(event.sale(at: event.salesCloseAt - 1) == .open)
        #expect(event.sale(at: event.salesCloseAt) == .over)
    }
}
