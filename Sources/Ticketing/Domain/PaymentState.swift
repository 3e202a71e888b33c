/// Where one attempt to pay stands.
enum PaymentState: Int64, Sendable, CaseIterable {
    /// Known to us, not yet to the provider. Can transition to any other state.
    case created = 0
    /// The buyer is on the provider's page. Can transition to: processing, succeeded, failed, cancelled.
    case action = 1
    /// The provider is working on it. Can transition to: succeeded, failed, cancelled.
    case processing = 2
    /// The money is ours. Final.
    case succeeded = 3
    /// Declined. Can transition to: succeeded, when the provider's messages arrive out of order.
    case failed = 4
    /// Given up by us. Can transition to: succeeded, when the money comes late.
    case cancelled = 5

    /// The name on the wire.
    var name: String {
        switch self {
        case .created: "created"
        case .action: "action"
        case .processing: "processing"
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .cancelled: "cancelled"
        }
    }

    /// Whether the attempt still blocks another one.
    var isLive: Bool {
        switch self {
        case .created, .action, .processing: true
        case .succeeded, .failed, .cancelled: false
        }
    }

    /// Whether the row may go from this state to `next`. Money that arrived is a fact whatever was noted before.
    func mayBecome(_ next: PaymentState) -> Bool {
        switch (self, next) {
        case (.succeeded, _): false
        case (_, .succeeded): true
        case (.created, .action), (.created, .processing), (.action, .processing): true
        case (let state, .failed), (let state, .cancelled): state.isLive
        default: false
        }
    }
}
