/// What Stripe's API says, as far as it concerns us: payment intents, refunds and events about them.
enum StripeShape {
    /// A payment intent.
    struct Intent: Codable, Sendable {
        struct NextAction: Codable, Sendable {
            struct Redirect: Codable, Sendable {
                let url: String
            }

            let type: String
            let redirectToUrl: Redirect?
        }

        struct PaymentError: Codable, Sendable {
            let code: String?
        }

        let id: String
        let object: String
        let status: String
        let amount: Int64
        let amountReceived: Int64?
        let currency: String
        var nextAction: NextAction?
        var lastPaymentError: PaymentError?

        /// What the provider says of it in our words.
        var outcome: ProviderOutcome {
            switch status {
            case "succeeded": .succeeded
            case "processing", "requires_capture": .processing
            case "canceled": .failed
            case "requires_payment_method": lastPaymentError == nil ? .waiting : .failed
            default: .waiting
            }
        }

        /// Whether it stays as it is. One that was declined may be paid at the provider's page yet.
        var isFinal: Bool { status == "canceled" || status == "succeeded" }

        /// What was paid, or is to be.
        var money: Money {
            let paid = status == "succeeded" ? amountReceived ?? amount : amount
            return Money(amount: paid, currency: currency.uppercased())
        }
    }

    struct Refund: Codable, Sendable {
        /// The name under which a refund's metadata has the key that it was asked for with.
        static let mark = "refund"

        let id: String
        let object: String
        let status: String
        var metadata: [String: String]?
        var paymentIntent: String?

        /// The key that it was asked for with; nil if nobody noted one.
        var key: String? { metadata?[Self.mark].flatMap { $0.isEmpty ? nil : $0 } }

        /// Whether the money is back, or on its way.
        var stands: Bool { status != "failed" && status != "canceled" }

        /// What the provider says of it in our words.
        var inOurWords: ProviderRefund {
            let status: ProviderRefund.Status =
                !stands ? .failed : self.status == "succeeded" ? .returned : .onItsWay
            return ProviderRefund(name: id, status: status, key: key, payment: paymentIntent)
        }
    }

    /// Refunds of one payment, the latest first.
    struct RefundList: Codable, Sendable {
        let object: String
        let data: [Refund]
        let hasMore: Bool

        /// The refund that was asked for with this key and did not fail.
        func standing(under key: String) -> Refund? {
            data.first { $0.stands && $0.key == key }
        }

        /// A refund that did not fail and of which nobody knows what it was for.
        var nameless: Refund? { data.first { $0.stands && $0.key == nil } }
    }

    /// A message about an intent or a refund.
    struct Event<Object: Codable & Sendable>: Codable, Sendable {
        struct Content: Codable, Sendable {
            let object: Object
        }

        let id: String
        let type: String
        let data: Content
    }

    struct Failure: Codable, Sendable {
        struct Detail: Codable, Sendable {
            let type: String
            var code: String?
            var message: String?
        }

        let error: Detail
    }
}
