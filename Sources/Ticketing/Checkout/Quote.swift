/// What a hold would cost if it were ordered now.
struct Quote: Encodable, Sendable {
    let hold: String
    let lines: [HoldDocument.Item]
    let subtotal: Int64
    let fees: Int64
    let discount: Int64
    let total: Int64
    let currency: String
    let voucher: String?
    let expiresAt: String

    init(_ hold: Hold, voucher: Voucher?, in listing: Listing) {
        let document = HoldDocument(hold, in: listing)
        self.hold = document.id
        lines = document.seats
        subtotal = hold.items.reduce(0) { $0 + $1.amount }
        fees = hold.items.reduce(0) { $0 + $1.fee }
        discount = voucher?.discount(on: subtotal) ?? 0
        total = subtotal + fees - discount
        currency = listing.event.currency
        self.voucher = voucher?.code
        expiresAt = document.expiresAt
    }
}
