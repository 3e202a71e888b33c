/// What a payment service has to offer: seven calls.
protocol PaymentProvider: Sendable {
    /// The name in paths and in the database.
    var name: String { get }

    /// The header that carries the signature of its messages.
    var signatureHeader: String { get }

    /// Where its pages are, as a source of a content security policy; empty if they are ours.
    var pages: String { get }

    /// Begins a payment. The same `idempotencyKey` gives the same answer, also after a lost one. Throws
    /// `PaymentDeclined` if it is refused for good.
    func start(_ intent: PaymentIntent, idempotencyKey: String) async throws -> NextStep

    /// Reads a message of the provider to us; nil if it is about something else than payments and refunds.
    /// Throws `bad-signature` unless the provider sent it lately.
    func parseWebhook(_ body: [UInt8], signature: String?, now: Milliseconds) throws(Problem)
        -> ProviderEvent?

    /// How a payment stands with the provider; nil if it knows none. For payments whose message never came.
    func fetch(_ reference: String) async throws -> ProviderStatus?

    /// Gives up a payment that has not gone through.
    func cancel(_ reference: String) async throws

    /// Sends money back. The same `idempotencyKey` sends it once. Throws `RefundDeclined` if it never will, however
    /// often it is asked.
    func refund(_ reference: String, amount: Money, idempotencyKey: String) async throws
        -> ProviderRefund

    /// Money of a payment that went back, or is on its way, under a key that the provider may have forgotten; nil if
    /// there is none. Throws `RefundDeclined` if nobody but people can tell.
    func findRefund(_ reference: String, idempotencyKey: String) async throws -> ProviderRefund?

    /// How a refund stands that the provider calls so; nil if it knows none.
    func fetchRefund(_ name: String) async throws -> ProviderRefund?
}

/// The provider will not have this payment, however often it is asked. Another attempt may fare better.
struct PaymentDeclined: Error, Equatable {
    /// Why, in the provider's words, if it is not the buyer's way of paying.
    var reason: String?
}

/// The provider will never return this money: people have to find another way.
struct RefundDeclined: Error, Equatable, CustomStringConvertible {
    let description: String
}

/// What is to be paid.
struct PaymentIntent: Sendable {
    let amount: Money
    /// What the buyer sees on the provider's page.
    let label: String
    /// Where the buyer comes back to: a path of this service.
    let returnPath: String
}

/// Where the buyer goes next.
struct NextStep: Sendable {
    /// The provider's name for the payment.
    let reference: String
    /// The page to send the buyer to.
    let redirect: String
}

/// How a payment stands with the provider.
struct ProviderStatus: Sendable {
    let outcome: ProviderOutcome
    let amount: Money
    /// Whether that is its last word: nobody can pay it any more.
    var isFinal = false
}

/// What the provider says about a payment.
enum ProviderOutcome: String, Sendable, Codable {
    case waiting = "payment.waiting"
    case processing = "payment.processing"
    case succeeded = "payment.succeeded"
    case failed = "payment.failed"
}

/// One message of a provider.
struct ProviderEvent: Sendable {
    /// What a message is about.
    enum Matter: Sendable {
        case payment(String, ProviderOutcome, Money)
        case refund(ProviderRefund)
    }

    /// The provider's name for the message: the same again when it repeats itself.
    let reference: String
    let matter: Matter
}

/// Money that goes back, as the provider sees it.
struct ProviderRefund: Sendable {
    /// How far it is.
    enum Status: Sendable {
        case returned
        /// A bank has it, for days perhaps, and may not take it.
        case onItsWay
        case failed
    }

    /// The provider's name for it.
    let name: String
    var status: Status
    /// The key that it was asked for with, if the provider says so.
    var key: String?
    /// The payment that it is of, if the provider says so.
    var payment: String?
}
