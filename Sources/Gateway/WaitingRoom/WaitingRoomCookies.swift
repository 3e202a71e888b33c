import HTTP

/// The cookies of one room on one host.
///
/// The first room of a host has the plain names, each further one adds its own. Which is the first may change with a
/// reload, so what was given under the other names still counts, until it is given anew.
final class WaitingRoomCookies: Sendable {
    /// Where a room keeps one thing.
    struct Name: Sendable {
        let text: String
        /// What it may have been called before.
        let former: String
        fileprivate let attributes: String

        /// The values of `Set-Cookie` that keep it.
        ///
        /// - Parameter replaces: whether what it says was read under the former name.
        func set(_ value: String, replaces: Bool = false) -> [String] {
            ["\(text)=\(value)\(attributes)"] + (replaces ? [cleared(former)] : [])
        }

        /// The values of `Set-Cookie` that take it away.
        func clear(replaces: Bool = false) -> [String] {
            [cleared(text)] + (replaces ? [cleared(former)] : [])
        }

        private func cleared(_ name: String) -> String { "\(name)=; Max-Age=0\(attributes)" }
    }

    /// The place in line.
    let place: Name
    /// The admission.
    let admission: Name

    /// - Parameters:
    ///   - isFirst: whether no room before this one is on the same host.
    ///   - isSecure: whether the request came over TLS; `__Host-` needs `Secure` (RFC 6265bis section 4.1.3.2).
    init(room: String, isFirst: Bool, isSecure: Bool) {
        let attributes = (isSecure ? "; Secure" : "") + "; HttpOnly; Path=/; SameSite=Lax"
        func name(_ text: String) -> Name {
            let plain = (isSecure ? "__Host-" : "") + text
            let named = "\(plain)_\(room)"
            return Name(
                text: isFirst ? plain : named,
                former: isFirst ? named : plain,
                attributes: attributes
            )
        }
        place = name("wr")
        admission = name("wrs")
    }

    /// Whether a `name=value` pair of a Cookie field belongs to a waiting room.
    static func isOwn(_ pair: ByteView) -> Bool {
        var name = pair.prefix(pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.count)
        if name.hasPrefix("__Host-") { name = name.dropFirst(7) }
        return name.equals("wr") || name.equals("wrs") || name.hasPrefix("wr_")
            || name.hasPrefix("wrs_")
    }
}
