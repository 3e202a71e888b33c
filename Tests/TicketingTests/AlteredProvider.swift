import Synchronization

@testable import Ticketing

/// A company of payments with whom something goes another way.
struct AlteredProvider: PaymentProvider {
    let company: any PaymentProvider
    /// What happens before it is asked how a payment or a refund stands.
    var beforeFetch: @Sendable (_ reference: String) async throws -> Void = { _ in }
    /// Whether it says of every payment that it stays as it is.
    var isFinal = false
    /// What happens once it has sent money back, before it says so.
    var afterRefund: @Sendable () async throws -> Void = {}
    /// How far it says that money is, if not as it is.
    var refundStatus: @Sendable (_ name: String) -> ProviderRefund.Status? = { _ in nil }

    var name: String { company.name }
    var signatureHeader: String { company.signatureHeader }
    var pages: String { company.pages }

    func start(_ intent: PaymentIntent, idempotencyKey: String) async throws -> NextStep {
        try await company.start(intent, idempotencyKey: idempotencyKey)
    }

    func parseWebhook(_ body: [UInt8], signature: String?, now: Milliseconds) throws(Problem)
        -> ProviderEvent?
    {
        try company.parseWebhook(body, signature: signature, now: now)
    }

    func fetch(_ reference: String) async throws -> ProviderStatus? {
        try await beforeFetch(reference)
        var status = try await company.fetch(reference)
        if isFinal { status?.isFinal = true }
        return status
    }

    func findRefund(_ reference: String, idempotencyKey: String) async throws -> ProviderRefund? {
        try await company.findRefund(reference, idempotencyKey: idempotencyKey).map(altered)
    }

    func fetchRefund(_ name: String) async throws -> ProviderRefund? {
        try await beforeFetch(name)
        return try await company.fetchRefund(name).map(altered)
    }

    private func altered(_ refund: ProviderRefund) -> ProviderRefund {
        var refund = refund
        if let status = refundStatus(refund.name) { refund.status = status }
        return refund
    }

    func cancel(_ reference: String) async throws { try await company.cancel(reference) }

    func refund(_ reference: String, amount: Money, idempotencyKey: String) async throws
        -> ProviderRefund
    {
        let refund = try await company.refund(
            reference,
            amount: amount,
            idempotencyKey: idempotencyKey
        )
        try await afterRefund()
        return altered(refund)
    }
}

/// What a company says of refunds at the moment; one that failed stays so.
final class SaidOfRefunds: Sendable {
    private let status: Mutex<ProviderRefund.Status>
    private let failed = Mutex<Set<String>>([])

    init(_ status: ProviderRefund.Status) { self.status = Mutex(status) }

    var value: ProviderRefund.Status {
        get { status.withLock { $0 } }
        set { status.withLock { $0 = newValue } }
    }

    func value(of name: String) -> ProviderRefund.Status {
        failed.withLock { failed in
            if value == .failed { failed.insert(name) }
            return failed.contains(name) ? .failed : value
        }
    }
}
