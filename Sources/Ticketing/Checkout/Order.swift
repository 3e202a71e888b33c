/// A purchase from the moment its seats are promised until the money is settled.
struct Order: Sendable {
    let id: Int64
    let code: String
    let eventId: Int64
    let userId: Int64?
    let sessionHash: String
    let holdId: Int64
    let email: String
    let emailNormalised: String
    let holder: String
    /// The names on the single tickets, in the order of the hold's items; empty if all bear `holder`.
    var holders: [String] = []
    let state: OrderState
    let unitCount: Int
    let currency: String
    let subtotal: Int64
    let fees: Int64
    var discount: Int64 = 0
    let total: Int64
    let refunded: Int64
    var voucherId: Int64?
    let createdAt: Milliseconds
    let expiresAt: Milliseconds?
    let paidAt: Milliseconds?
    let revision: Int
}

/// A ticket for one seat or standing place.
struct Ticket: Sendable {
    let id: Int64
    let itemNumber: Int
    let seat: Int?
    let section: Int
    let tier: Int
    let amount: Int64
    let holder: String
    let serial: String
    /// What the door scans: signed, so that it can be checked without us.
    let code: String
    let isValid: Bool
    /// When and where somebody went in with it.
    var usedAt: Milliseconds?
    var usedGate: String?
}
