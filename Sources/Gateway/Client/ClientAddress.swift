import HTTP
import Locations
import Transport

/// Finds out who the client is: the peer, or whom trusted forwarders in front name.
///
/// The rightmost address that no trusted forwarder could have invented counts; everything a client can write itself is
/// to its left.
struct ClientAddressStage: Sendable {
    private let trusted: [IPPrefix]
    private let header: FieldName
    private let locations: LocationDatabase?

    init(_ configuration: Configuration.ClientAddress, locations: LocationDatabase?) {
        self.locations = locations
        trusted = configuration.trusted.compactMap { IPPrefix($0.text) }
        header = configuration.header == .forwarded ? .forwarded : .xForwardedFor
    }

    /// Whether `address` is a forwarder whose word counts.
    func trusts(_ address: IPAddress) -> Bool {
        trusted.contains { $0.contains(address) }
    }

    /// Sets the exchange's client with its country, and the scheme.
    func resolve(_ exchange: Exchange) {
        readForwarded(exchange)
        if let locations { exchange.country = locations.location(of: exchange.client)?.country }
    }

    private func readForwarded(_ exchange: Exchange) {
        guard !trusted.isEmpty, trusts(exchange.peer) else { return }
        if let client = forwardedClient(exchange.head.fields) { exchange.client = client }
        // The last element is the forwarder's own; those before it are what it was told.
        var scheme: ByteView?
        for value in exchange.head.fields.values(of: .xForwardedProto) {
            for element in ListElements(value) { scheme = element }
        }
        if let scheme { exchange.isSecure = scheme.equalsIgnoringCase("https") }
    }

    private func forwardedClient(_ fields: FieldSection) -> IPAddress? {
        var hops: [IPAddress?] = []
        for value in fields.values(of: header) {
            // The last ones, which trusted forwarders wrote; a client writes as many before them as it likes.
            for element in value.string.split(separator: ",").suffix(64) {
                hops.append(Self.address(in: String(element), isForwarded: header == .forwarded))
            }
        }
        var client: IPAddress?
        for hop in hops.reversed() {
            guard let hop else { return client }
            client = hop
            if !trusts(hop) { return hop }
        }
        return client
    }

    /// The address of one element: bare in `X-Forwarded-For`, the `for` parameter in `Forwarded` (RFC 7239).
    private static func address(in element: String, isForwarded: Bool) -> IPAddress? {
        var text = element.trimmingBlanks
        if isForwarded {
            let pairs = text.split(separator: ";").map { String($0).trimmingBlanks }
            guard let pair = pairs.first(where: { $0.lowercased().hasPrefix("for=") }) else {
                return nil
            }
            text = String(pair.dropFirst(4)).filter { $0 != "\"" }
        }
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            return IPAddress(String(text[text.index(after: text.startIndex)..<end]))
        }
        if let address = IPAddress(text) { return address }
        return text.split(separator: ":").first.flatMap { IPAddress(String($0)) }
    }
}

extension String {
    /// Without spaces and tabs at both ends.
    fileprivate var trimmingBlanks: String {
        let start = drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}

extension LocationDatabase {
    /// What the database says about an address; nil if it does not know it.
    func location(of address: IPAddress) -> Location? {
        location(high: address.high, low: address.low, isIPv6: address.isIPv6)
    }
}
