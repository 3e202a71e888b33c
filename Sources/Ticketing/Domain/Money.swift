/// An amount in the minor unit of a currency (cents for the euro).
struct Money: Sendable, Equatable {
    /// What a seat's price and its fee can be, each, in minor units. It is checked wherever one is read, so
    /// that the sum of an order fits its type.
    static let prices: ClosedRange<Int64> = 0...100_000_000

    /// What can be sold in: the codes of ISO 4217 whose minor unit is a hundredth, for providers, too.
    /// Amounts of others would be shown and charged a hundred times too small, or ten times too large.
    static let currencies = Set(
        """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC
        CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR JMD KES KGS
        KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN
        PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SZL THB TJS TMT TOP TRY TTD TWD
        TZS UAH USD UYU UZS WST XCD YER ZAR ZMW
        """.split(whereSeparator: \.isWhitespace).map(String.init)
    )

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
