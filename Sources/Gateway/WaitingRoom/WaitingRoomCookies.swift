import HTTP

/// The cookies of one room, named after it: whatever rooms come, go or change places with a reload, none writes over
/// those of another.
///
/// The first room of a host used to have plain names. What was given under them still counts, until it is given anew.
final class WaitingRoomCookies: Sendable {
    /// Where a room keeps one thing.
    struct Name: Sendable {
        let text: String
        /// What it may have been called before; rooms of the same host may have shared it.
        fileprivate let former: String
        fileprivate let attributes: String

        /// The values of `Set-Cookie` that keep it.
        ///
        /// - Parameter replaces: whether there is one of the room under the former name.
        func set(_ value: String, replaces: Bool = false) -> [String] {
            ["\(text)=\(value)\(attributes)"] + (replaces ? [cleared(former)] : [])
        }

        /// The values of `Set-Cookie` that take it away under every name under which it was shown.
        func clear(_ shown: Shown.Item) -> [String] {
            [cleared(text)] + (shown.former != nil ? [cleared(former)] : [])
        }

        private func cleared(_ name: String) -> String { "\(name)=; Max-Age=0\(attributes)" }
    }

    /// What a request shows of a room's cookies.
    struct Shown {
        struct Item {
            /// Under the room's own name, true or false.
            var own: TokenReader?
            /// Under the former name, if it says that it is of this room.
            var former: TokenReader?

            /// What counts.
            var token: TokenReader? { own?.hasMore == true ? own : former ?? own }
        }

        var place = Item()
        var admission = Item()
    }

    /// The place in line.
    let place: Name
    /// The admission.
    let admission: Name
    private let room: String
    private let isSecure: Bool

    /// - Parameter isSecure: whether the request came over TLS; `__Host-` needs `Secure` (RFC 6265bis section 4.1.3.2).
    init(room: String, isSecure: Bool) {
        let attributes = (isSecure ? "; Secure" : "") + "; HttpOnly; Path=/; SameSite=Lax"
        func name(_ text: String) -> Name {
            let plain = (isSecure ? "__Host-" : "") + text
            return Name(text: "\(plain)_\(room)", former: plain, attributes: attributes)
        }
        place = name("wr")
        admission = name("wrs")
        self.room = room
        self.isSecure = isSecure
    }

    /// The room's cookies among those of a request.
    func shown(in cookies: Cookies) -> Shown {
        var shown = Shown()
        cookies.visit(prefixed: ByteView(isSecure ? "__Host-wr" as StaticString : "wr")) { cookie in
            if !note(cookie, as: place, &shown.place) {
                _ = note(cookie, as: admission, &shown.admission)
            }
            return true
        }
        return shown
    }

    /// Returns whether that is the cookie's name. The first of several counts.
    private func note(_ cookie: Cookie, as name: Name, _ item: inout Shown.Item) -> Bool {
        if TokenReader.isEqual(cookie.name, name.text) {
            item.own = item.own ?? TokenReader(cookie.value, of: room)
            return true
        }
        guard TokenReader.isEqual(cookie.name, name.former) else { return false }
        let token = TokenReader(cookie.value, of: room)
        if token.hasMore { item.former = item.former ?? token }
        return true
    }

    /// Whether a `name=value` pair of a Cookie field belongs to a waiting room.
    static func isOwn(_ pair: ByteView) -> Bool {
        var name = pair.prefix(pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.count)
        if name.hasPrefix("__Host-") { name = name.dropFirst(7) }
        return name.equals("wr") || name.equals("wrs") || name.hasPrefix("wr_")
            || name.hasPrefix("wrs_")
    }
}
