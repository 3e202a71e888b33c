import HTTP

/// The cookies of one room on one host.
final class WaitingRoomCookies: Sendable {
    /// The place in line.
    let place: String
    /// The admission.
    let admission: String
    private let attributes: String

    /// - Parameters:
    ///   - suffix: the room's name where its host has several rooms.
    ///   - isSecure: whether the request came over TLS; `__Host-` needs `Secure` (RFC 6265bis section 4.1.3.2).
    init(suffix: String?, isSecure: Bool) {
        let prefix = isSecure ? "__Host-" : ""
        let ending = suffix.map { "_" + $0 } ?? ""
        place = "\(prefix)wr\(ending)"
        admission = "\(prefix)wrs\(ending)"
        attributes = (isSecure ? "; Secure" : "") + "; HttpOnly; Path=/; SameSite=Lax"
    }

    func setPlace(_ value: String) -> String { "\(place)=\(value)\(attributes)" }
    func setAdmission(_ value: String) -> String { "\(admission)=\(value)\(attributes)" }
    var clearPlace: String { "\(place)=; Max-Age=0\(attributes)" }
    var clearAdmission: String { "\(admission)=; Max-Age=0\(attributes)" }

    /// Whether a `name=value` pair of a Cookie field belongs to a waiting room.
    static func isOwn(_ pair: ByteView) -> Bool {
        var name = pair.prefix(pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.count)
        if name.hasPrefix("__Host-") { name = name.dropFirst(7) }
        return name.equals("wr") || name.equals("wrs") || name.hasPrefix("wr_")
            || name.hasPrefix("wrs_")
    }
}
