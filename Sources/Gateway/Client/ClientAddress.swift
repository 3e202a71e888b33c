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
        let fields = exchange.head.fields
        // The last word on the scheme is the forwarder's own; what stands before it is what it was told.
        if header == .forwarded {
            let hops = forwardedHops(fields)
            if let client = client(of: hops.map { $0?.client }) { exchange.client = client }
            if let hop = hops.first, let isSecure = hop?.isSecure { exchange.isSecure = isSecure }
        } else {
            if let client = client(of: plainHops(fields)) { exchange.client = client }
            var scheme: ByteView?
            for value in fields.values(of: .xForwardedProto) {
                for element in ListElements(value) { scheme = element }
            }
            if let scheme { exchange.isSecure = scheme.equalsIgnoringCase("https") }
        }
    }

    /// The client among the hops, the last one first: the first of them that no forwarder of ours is.
    private func client(of hops: [IPAddress?]) -> IPAddress? {
        var client: IPAddress?
        for hop in hops {
            guard let hop else { return client }
            client = hop
            if !trusts(hop) { return hop }
        }
        return client
    }

    /// Hops of each line that are looked at: the last ones, which trusted forwarders wrote; a client writes as many
    /// before them as it likes.
    private static let hopsLimit = 64

    /// The elements of `Forwarded`, the last one first; nil for one that is not well formed.
    private func forwardedHops(_ fields: FieldSection) -> [ForwardedElement?] {
        fields.values(of: .forwarded).reversed().flatMap { value in
            ForwardedElement.elements(of: value, limit: Self.hopsLimit).map(ForwardedElement.init)
        }
    }

    /// The addresses in `X-Forwarded-For`, the last one first; nil for what is none.
    private func plainHops(_ fields: FieldSection) -> [IPAddress?] {
        fields.values(of: .xForwardedFor).reversed().flatMap { value in
            value.string.split(separator: ",").suffix(Self.hopsLimit).reversed().map {
                IPAddress(node: String($0).trimmingBlanks)
            }
        }
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
