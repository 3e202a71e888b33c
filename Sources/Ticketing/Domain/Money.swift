/// An amount in the minor unit of a currency (cents for the euro).
struct Money: Sendable, Equatable {
    /// What a seat's price and its fee can be, each, in minor units. It is checked wherever one is read, so
    /// that the sum of an order fits its type.
    static let prices: ClosedRange<Int64> = 0...100_000_000

    /// Minor units.
    let amount: Int64
    /// ISO 4217 code.
    let currency: String

    /// The amount as a visitor reads it, as in `45.00 €`.
    var description: String {
        let sign = amount < 0 ? "-" : ""
        let magnitude = amount.magnitude
        let cents = magnitude % 100
        return
            "\(sign)\(magnitude / 100).\(cents < 10 ? "0" : "")\(cents) \(currency == "EUR" ? "€" : currency)"
    }
}
